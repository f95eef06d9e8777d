"""The published folder: all that the processes facing the public may read."""
