"""Noisy tables made to agree with one another by generalised least squares."""
