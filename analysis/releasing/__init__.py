"""The run of a release: verify, open, count, pay, add noise, sign."""
