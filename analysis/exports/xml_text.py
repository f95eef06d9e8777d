"""The XML of DDI-Codebook 2.6 in small steps: elements, texts in several languages, ids."""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, SubElement

from survey.release.format_rules import XML

NAMESPACE = "ddi:codebook:2_6"
VERSION = "2.6"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def add(parent: Element, tag: str, text: str | None = None, /, lang: str | None = None, **attributes: str) -> Element:
    """Add an element; `lang` is its xml:lang. What XML cannot hold is written as U+FFFD."""
    element = SubElement(parent, tag, {name: XML.text(value) for name, value in attributes.items()})
    if lang is not None:
        element.set(LANGUAGE, lang)
    if text is not None:
        element.text = XML.text(text)
    return element


def coded(parent: Element, tag: str, text: str, code: str, vocabulary: str) -> None:
    """Add an element with its words, and the code of a controlled vocabulary that says the same in every language."""
    add(add(parent, tag, text), "concept", code, vocab=vocabulary)


def locale_first(texts: Mapping[str, str], locale: str) -> list[tuple[str, str]]:
    """Return (locale, text) pairs, `locale` first."""
    return sorted(texts.items(), key=lambda pair: pair[0] != locale)


def identifier(kind: str, name: str) -> str:
    """Return an xs:ID: a letter for its kind, then the name."""
    return f"{kind}_{name.replace('@', 'at_')}"


def labels(parent: Element, texts: Iterator[tuple[str, str]] | list[tuple[str, str]], **attributes: str) -> None:
    """Add a label in each language."""
    for language, text in texts:
        add(parent, "labl", text, lang=language, **attributes)
