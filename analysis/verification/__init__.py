"""Checks a release and a box again from their documents alone."""
