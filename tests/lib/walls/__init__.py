"""The guards of the walls between processes, and the ways to break them."""
