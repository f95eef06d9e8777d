"""Pages of the documentation as they are typed: their commands, their files, and what is printed."""
