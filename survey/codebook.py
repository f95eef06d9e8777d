"""A questionnaire as a person reads it: what is asked, in which words, with which codes, and when. Pure text."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from survey.questionnaire import Item, Questionnaire, Texts


def codebook(questionnaire: Questionnaire, texts: Texts) -> str:
    """Return the codebook of a study in one locale."""
    lines = [f"{texts.title}  ({questionnaire.study}, version {questionnaire.version}, {texts.locale})", ""]
    for block, items in groupby(questionnaire.items, key=lambda item: item.block):
        lines += [f"== {block} ==", ""]
        for item in items:
            lines += [*_item(item, texts), ""]
    lines += ["== derived indicators ==", ""]
    for derived in questionnaire.derived:
        text = texts.derived[derived.id]
        levels = ", ".join(f"{level} {text.levels[str(level)]}" for level in derived.levels)
        lines.append(f"{derived.id}  {text.text}\n    {levels}")
    return "\n".join(lines)


def _item(item: Item, texts: Texts) -> Iterator[str]:
    text = texts.items[item.id]
    several = f", up to {item.cap}" if item.multi else ""
    yield f"{item.id}  ({item.type}{several}; {', '.join(item.forms)})"
    yield f"    {text.text}"
    if item.ask_if is not None:
        yield f"    asked if {condition_text(item.ask_if.to_json())}"
    for option in item.options:
        end = f"  -> ends: {option.end}" if option.end else ""
        yield f"    {option.code:>3}  {text.options[str(option.code)]}{end}"
    for code in item.missing:
        yield f"    {code:>3}  {texts.missing[str(code)]}"


def condition_text(condition: dict[str, Any]) -> str:
    """Return a condition in words."""
    match condition:
        case {"item": name, "in": codes}:
            return f"{name} is {_list(codes)}"
        case {"item": name, "has": codes}:
            return f"{name} has any of {_list(codes)}"
        case {"item": name, "range": [low, high]}:
            return f"{name} is {low} to {high}"
        case {"all": parts}:
            return " and ".join(f"({condition_text(part)})" for part in parts)
        case {"any": parts}:
            return " or ".join(f"({condition_text(part)})" for part in parts)
        case {"not": part}:
            return f"not ({condition_text(part)})"
    raise ValueError("not a condition")


def _list(codes: list[int]) -> str:
    return " or ".join(map(str, codes))
