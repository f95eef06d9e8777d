"""From a box of sealed records to decoded columns, in memory and nowhere else."""
