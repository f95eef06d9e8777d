"""Many clients at once, each in processes of their own: phones that hand in, and clients that are slow."""
