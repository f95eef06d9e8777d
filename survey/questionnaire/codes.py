"""Codes with a meaning of their own in every study: answers without content, and levels that no answer gives."""

NONE_OF_THESE, DONT_KNOW, REFUSED = 90, 98, 99
NOT_ASKED = 97
OUTSIDE, UNREADABLE = 254, 255
MISSING = (NONE_OF_THESE, DONT_KNOW, REFUSED)
RESERVED = frozenset({*MISSING, NOT_ASKED, OUTSIDE, UNREADABLE})
UNDEFINED = (NOT_ASKED, DONT_KNOW, REFUSED)
"""The values of an indicator that is not defined, by why."""
