"""A release as charts."""
