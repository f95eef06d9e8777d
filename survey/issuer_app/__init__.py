"""The process that trades an invitation code for a blind token; it never sees an answer."""
