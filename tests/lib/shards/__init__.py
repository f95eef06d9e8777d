"""A run over several machines, and whoever else can write to its folder."""
