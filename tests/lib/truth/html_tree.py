"""A page's HTML as a tree to walk: enough for pages of ours, whose tags are closed as HTML wants them."""

from html.parser import HTMLParser
from xml.etree.ElementTree import Element, TreeBuilder

VOID = frozenset({"meta", "link", "img", "br", "hr", "input", "source", "wbr"})


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tree = TreeBuilder()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tree.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.tree.end(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tree.start(tag, {name: value or "" for name, value in attrs})
        self.tree.end(tag)

    def handle_endtag(self, tag: str) -> None:
        self.tree.end(tag)

    def handle_data(self, data: str) -> None:
        self.tree.data(data)


def html_tree(text: str) -> Element:
    """Return the root element of a page."""
    builder = _Builder()
    builder.feed(text[text.index("<html") :].strip())
    return builder.tree.close()


def classes(element: Element) -> set[str]:
    """Return the classes of an element."""
    return set(element.get("class", "").split())


def those(element: Element, name: str) -> list[Element]:
    """Return all elements below one that have a class, in the order of the page."""
    return [one for one in element.iter() if name in classes(one)]


def words(element: Element) -> str:
    """Return the text of an element as people read it: single spaces."""
    return " ".join("".join(element.itertext()).split())
