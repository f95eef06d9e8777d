"""Whether a record may enter the answers database: token or proof of work, size and wave."""
