"""From what an author writes in YAML to the compiled documents, every problem with its line."""
