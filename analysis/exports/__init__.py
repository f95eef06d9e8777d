"""A release as files for other programs, each with the privacy statement."""
