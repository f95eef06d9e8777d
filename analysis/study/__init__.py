"""The folder of a study on the analysis machine: its documents, releases and keys."""
