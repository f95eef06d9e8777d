"""The commands of `sotto` that run in the analysis process."""
