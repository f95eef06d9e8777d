"""The codebook: every question with its text, its codes and the condition under which it is asked, as plain text."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from survey.questionnaire.items import Item, ItemGroup, Option
from survey.questionnaire.questionnaire import Questionnaire, Texts


def codebook(questionnaire: Questionnaire, texts: Texts) -> str:
    """Return the codebook of a study in one locale."""
    lines = [f"{texts.title}  ({questionnaire.study}, version {questionnaire.version}, {texts.locale})", ""]
    if questionnaire.drafts is not None:
        lines += [f"Drafts may be kept on the phone for {questionnaire.drafts.days} days.", ""]
    heads = {group.items[0]: group for group in questionnaire.groups}
    for block, items in groupby(questionnaire.items, key=lambda item: item.block):
        lines += [f"== {block} ==", ""]
        for item in items:
            if item.id in heads:
                lines += [*_group(heads[item.id], texts), ""]
            lines += [*_item(item, texts), ""]
    lines += ["== derived indicators ==", ""]
    for derived in questionnaire.derived:
        text = texts.derived[derived.id]
        levels = ", ".join(f"{level} {text.levels[str(level)]}" for level in derived.levels)
        lines.append(f"{derived.id}  {text.text}\n    {levels}")
    return "\n".join(lines)


def _group(group: ItemGroup, texts: Texts) -> Iterator[str]:
    order = "; their order is drawn on the phone" if group.shuffle else ""
    yield f"{group.id}  ({group.kind} of {', '.join(group.items)}{order})"
    yield f"    {texts.groups[group.id]}"
    yield from _hint(group.id, texts)


def _item(item: Item, texts: Texts) -> Iterator[str]:
    text = texts.items[item.id]
    yield f"{item.id}  ({'; '.join((item.type + _limits(item), *_options(item), ', '.join(item.forms)))})"
    yield f"    {text.text}"
    yield from _hint(item.id, texts)
    if item.ask_if is not None:
        yield f"    asked if {condition_text(item.ask_if.to_json())}"
    for number, line in enumerate(text.lines or (), 1):
        arm = "  (only in the longer list)" if number in (item.treatment or ()) else ""
        yield f"      {number}. {line}{arm}"
    if text.ends is not None:
        yield f"    from {text.ends[0]} to {text.ends[1]}"
    for option in item.options:
        yield f"    {option.code:>3}  {text.options[str(option.code)]}{_option_notes(option, item)}"
    for code in item.missing:
        yield f"    {code:>3}  {texts.missing[str(code)]}"
    for check, message in zip(item.checks or (), text.checks or (), strict=True):
        yield f"    holds {condition_text(check.to_json())}; else: {message}"


def _hint(name: str, texts: Texts) -> Iterator[str]:
    if name in texts.hints:
        yield f"    hint: {texts.hints[name]}"


def _limits(item: Item) -> str:
    if item.multi:
        return f", up to {item.cap}"
    if item.phrase:
        return f", up to {item.count} of at most {item.words} words and {item.length} letters"
    return f" in {item.unit}s" if item.unit else ""


def _options(item: Item) -> Iterator[str]:
    if item.shuffle:
        yield "options in an order drawn on the phone"
    if item.specifies is not None:
        yield f"below option {item.specified} of {item.specifies}"
    if item.private:
        yield "private"
    if item.base is not None:
        yield f"shares of base {item.base}"
    if item.randomise is not None:
        yield f"randomised on the phone, epsilon {item.randomise.epsilon}"


def _option_notes(option: Option, item: Item) -> str:
    """Return what follows an option's words."""
    parts = []
    if option.low is not None and item.type in ("number", "date"):
        parts.append(f"[{option.low}]" if option.low == option.high else f"[{option.low} to {option.high}]")
    if option.only_for is not None:
        parts.append(f"(after {item.choice_filter} {', '.join(map(str, option.only_for))})")
    if option.arm is not None:
        parts.append(f"(of {(item.lines or 0) - (len(item.treatment or ()) if option.arm == 0 else 0)} lines)")
    if option.exclusive:
        parts.append("(alone)")
    if option.end:
        parts.append(f"-> ends: {option.end}")
    return "".join(f"  {part}" for part in parts)


def condition_text(condition: dict[str, Any]) -> str:
    """Return a condition in words."""
    match condition:
        case {"all": parts}:
            return " and ".join(f"({condition_text(part)})" for part in parts)
        case {"any": parts}:
            return " or ".join(f"({condition_text(part)})" for part in parts)
        case {"not": part}:
            return f"not ({condition_text(part)})"
        case {"count": parts, "range": [low, high]}:
            several = ", ".join(f"({condition_text(part)})" for part in parts)
            return f"{low} to {high} of these hold: {several}"
    return _leaf_text(condition)


def _leaf_text(condition: dict[str, Any]) -> str:
    match condition:
        case {"item": name, "in": codes}:
            return f"{name} is {_list(codes)}"
        case {"item": name, "has": codes}:
            return f"{name} has any of {_list(codes)}"
        case {"item": name, "chosen": [low, high]}:
            return f"{low} to {high} options of {name} are chosen"
        case {"item": name, "range": [low, high]}:
            return f"{name} is {low} to {high}"
    raise ValueError("not a condition")


def _list(codes: list[int]) -> str:
    return " or ".join(map(str, codes))
