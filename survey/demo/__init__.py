"""The demonstration and the rehearsal: the whole path on one machine, with invented people."""
