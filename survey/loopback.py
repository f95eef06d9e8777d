"""What this machine is called by itself: where browsers trust plain http."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")
LOOPBACK_HOSTS = tuple(f"[{name}]" if ":" in name else name for name in LOOPBACK)
"""As written in a request's Host header."""
