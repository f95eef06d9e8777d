"""What a reader sees of a report's page."""

import html
import re


def words(page: str) -> str:
    """Return what a reader sees of a page: its text without style and marks."""
    return html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)))


def card(page: str, name: str) -> str:
    """Return the part of a page about one hypothesis."""
    match = re.search(rf'<article class="hypothesis[^"]*" id="{name}">.*?</article>', page, flags=re.DOTALL)
    assert match, name
    return words(match[0])
