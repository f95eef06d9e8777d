"""Seals and opens: envelopes, keys, boxes, signatures. Imports nothing of ours."""
