"""The command line `sotto`: parses, calls an operation, shows what happened."""
