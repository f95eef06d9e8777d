"""Custodians at the keyboard, under a real pseudo-terminal: nothing typed is shown, kept or passed on."""

import json
from dataclasses import replace

from hosts.keyboard import Keyboard, types_card
from studies import small_study as small

from analysis.custody.share_files import read_share
from analysis.study.folder import StudyFolder
from crypto.errors import ExitCode

CLEARED = "\x1b[2J\x1b[3J\x1b[H"

made, world = small.fixtures(number=40)


def cards(world) -> list[str]:
    return [read_share(path) for path in world.ceremony.shares]


def head(world) -> str:
    with world.folder.open_ledger() as ledger:
        return ledger.head


def shown_of(words: str, seen: str) -> list[str]:
    """Return every run of three words of a card that is there; by chance one is with a probability under 1e-6."""
    parts = words.split()
    return [run for run in map(" ".join, zip(parts, parts[1:], parts[2:], strict=False)) if run in seen]


def releases(world, *more: str) -> Keyboard:
    world.announce(small.plan())
    arguments = ("release", world.plan_file(small.plan()), "--box", world.box, "--study", world.folder.root)
    return Keyboard(*arguments, "--few", "--workers", "1", *(more or ("--yes",)))


def test_two_custodians_open_a_box_and_no_word_of_theirs_is_shown(world):
    """The release is made from typed cards; screen, arguments and environment hold none of their words."""
    first, _, third = cards(world)
    keyboard = releases(world)
    types_card(keyboard, 1, first, head(world)[:16])
    keyboard.expect("Number of your card")
    listed = keyboard.arguments_of_all()
    keyboard.type("3")
    keyboard.expect("on your card")
    keyboard.type("y")
    keyboard.expect("Word 1 of 33: ")
    for place, word in enumerate(third.split()[:-1], 2):
        keyboard.type(word)
        echoed = keyboard.expect(f"Word {place} of 33: ")
        assert "" == echoed.strip()
    keyboard.type(third.split()[-1])
    keyboard.expect("Card 3 is right")
    keyboard.type("")
    keyboard.expect("New head of the ledger")
    assert 0 == keyboard.end()
    new = head(world)
    assert f"{new[:4]} {new[4:8]} {new[8:12]} {new[12:16]}" in keyboard.seen
    assert [] == shown_of(first, keyboard.seen) + shown_of(third, keyboard.seen)
    assert "release" in listed
    assert [] == shown_of(first, listed) + shown_of(third, listed)
    assert keyboard.seen.count(CLEARED) >= 3


def test_a_box_exchanged_while_custodians_type_is_refused(made, tmp_path):
    """Another box of the same length, put into its place while the keyboard waits for a card, is never paid for."""
    world = replace(made.copy(tmp_path), box=tmp_path / "wave-1.box")
    whole = made.box.read_bytes()
    world.box.write_bytes(whole)
    header, _, records = whole.partition(b"\n")
    keyboard = releases(world)
    keyboard.expect("Number of your card")
    (tmp_path / "other").write_bytes(header + b"\n" + records[: len(records) // 40] * 40)
    (tmp_path / "other").replace(world.box)
    keyboard.type("1")
    keyboard.expect("on your card")
    keyboard.type(head(world)[:16])
    keyboard.expect("Word 1 of 33: ")
    keyboard.type(cards(world)[0])
    keyboard.expect("cleared.: ")
    keyboard.type("")
    types_card(keyboard, 3, cards(world)[2], head(world)[:16])
    assert ExitCode.REFUSED == keyboard.end()
    assert "changed after it was checked" in keyboard.seen
    with world.folder.open_ledger() as ledger:
        assert 0 == ledger.spent


def test_a_plan_that_is_odd_is_paid_for_only_with_a_yes(world):
    """A plan for far more records stops before any card: a no changes nothing, a yes goes on to the cards."""
    keyboard = releases(world, "--lang", "en")
    keyboard.expect("groups will be too few")
    keyboard.expect("Type yes to pay for it all the same")
    keyboard.type("y")
    assert ExitCode.REFUSED == keyboard.end()
    assert "nobody said yes (nothing was changed)" in keyboard.seen
    with world.folder.open_ledger() as ledger:
        assert 0 == ledger.spent
    keyboard = releases(world, "--lang", "en")
    keyboard.expect("Type yes to pay for it all the same")
    keyboard.type("yes")
    keyboard.expect("Number of your card")
    keyboard.type("")
    assert ExitCode.REFUSED == keyboard.end()


def test_a_terminal_that_echoed_would_be_seen_by_this_test(world):
    """Control: the card's number and the digits, which may be seen, are seen."""
    keyboard = releases(world)
    keyboard.expect("Number of your card")
    keyboard.type("2")
    for _ in range(3):
        keyboard.expect("on your card")
        keyboard.type("0000000000000000")
    assert ExitCode.BUDGET == keyboard.end()
    assert "0000000000000000" in keyboard.seen
    assert "digits that the ledger never had" in keyboard.seen
    with world.folder.open_ledger() as ledger:
        assert 0 == ledger.spent


def test_a_drill_from_paper_and_too_few_custodians(world):
    """All three cards typed make a drill; two of them and Enter make none, and say so."""
    keyboard = Keyboard("key", "drill", world.folder.root)
    types_card(keyboard, 1, cards(world)[0], None)
    types_card(keyboard, 2, cards(world)[1], None)
    keyboard.expect("Number of your card")
    keyboard.type("")
    assert ExitCode.REFUSED == keyboard.end()
    assert "2 cards were given, 3 are needed" in keyboard.seen
    assert not (world.folder.wave(1) / "drill.json").exists()
    keyboard = Keyboard("key", "drill", world.folder.root)
    for number, words in enumerate(cards(world), 1):
        types_card(keyboard, number, words, None)
    assert 0 == keyboard.end()
    assert (world.folder.wave(1) / "drill.json").exists()


def test_cards_are_destroyed_at_the_keyboard(world):
    """Two of three confirmed leave one, which opens nothing: the statement is written; one alone is refused."""
    for answers, code in ((("y", "", ""), ExitCode.REFUSED), (("y", "", "y"), 0)):
        keyboard = Keyboard("key", "destroy", world.folder.root)
        keyboard.expect("nothing was ever released of wave 1")
        keyboard.expect("all the same, anything else to stop: ")
        keyboard.type("yes")
        for number, answer in enumerate(answers, 1):
            keyboard.expect(f"Card {number}: does its holder")
            keyboard.expect(": ")
            keyboard.type(answer)
        assert code == keyboard.end()
    statement = json.loads((StudyFolder(world.folder.root).wave(1) / "destruction.json").read_bytes())
    assert [1, 3] == statement["splits"][0]["confirmed"]
