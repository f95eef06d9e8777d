"""The true answers of simulated people, the numbers that a release gives its readers, and their comparison."""
