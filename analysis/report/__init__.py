"""A release as sentences: findings and hypotheses beside their numbers."""
