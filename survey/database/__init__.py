"""How either database is reached and migrated."""
