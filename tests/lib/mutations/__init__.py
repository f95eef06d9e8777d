"""Breaks one property of SECURITY.md after another in a copy of the tree, and runs the test that is named for it."""
