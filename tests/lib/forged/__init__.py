"""A published folder written document by document, its forgeries, and the verifier without one of its checks."""
