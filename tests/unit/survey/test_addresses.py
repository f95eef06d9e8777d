"""Addresses are taken apart in one way: with a host, and a port that there is."""

import pytest

from survey.addresses import split_address


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("https://survey.example/s/q26", ("https", "survey.example", None)),
        ("http://[::1]:8000", ("http", "::1", 8000)),
        ("HTTPS://Survey.Example:65535/", ("https", "survey.example", 65535)),
    ],
)
def test_an_address_with_a_host_is_taken_apart(address, parts):
    """Scheme and host come in small letters, the port as a number."""
    split = split_address(address)
    assert parts == (split.scheme, split.hostname, split.port)


@pytest.mark.parametrize(
    "address",
    ["", "survey.example", "https://", "https://a:0", "https://a:65536", "https://a:b", "https://[::1", "/w/a"],
)
def test_an_address_that_no_request_could_reach_is_none(address):
    """No host, a port of 0, over 65535 or of letters, and an open bracket are refused without an exception."""
    assert None is split_address(address)
