"""The public, append-only log of what was decided, and how it is checked."""
