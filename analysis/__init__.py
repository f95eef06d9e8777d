"""Opens and counts: from a box of envelopes to a signed, differentially private release."""
