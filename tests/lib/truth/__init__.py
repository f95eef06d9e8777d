"""What is true of invented people, what readers of a release are told of them, and the comparison of the two."""
