"""Where a command takes custodians' words from: their files, or the keyboard; never an argument."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from analysis.custody.custodian_prompt import CustodianPrompt
from analysis.custody.custody_record import CardRecord
from analysis.custody.share_files import check_files, read_share
from analysis.custody.terminal import open_terminal
from analysis.study.folder import StudyFolder
from analysis.terminal_views.custody import suggest
from crypto.custody import WrongWordsError
from survey.wording.catalogues import load_wording


def from_files(record: CardRecord, paths: Sequence[Path], notice: str = "") -> list[str]:
    """Return the words in share files, each checked against its card; on a terminal misspelt ones get suggestions.

    `notice` is said on stderr before any is read.
    """
    if notice:
        click.echo(notice, err=True)
    for path in paths:
        text = read_share(path)
        try:
            record.card(text, str(path))
        except WrongWordsError as error:
            suggest(error, text)
            raise
    return list(check_files(record, paths).values())


def prompt_for(record: CardRecord, lang: str | None, chain: Sequence[str] = ()) -> CustodianPrompt:
    """Return who asks at the terminal, in the custodians' language; raise TerminalError where there is none."""
    wording = load_wording("cards", lang or "")
    return CustodianPrompt(open_terminal(), wording, record, tuple(chain))


def source(
    folder: StudyFolder, paths: Sequence[Path], lang: str | None, meeting: tuple[int, Path] | None = None
) -> Callable[[CardRecord], list[str]]:
    """Return what gives a quorum: the files where there are any, else the keyboard, which is looked for at once.

    `meeting`: how many other machines open the box, and the folder where they meet the run; custodians are told so
    before their words are taken.
    """
    notice = _notice(lang, *meeting) if meeting else ""
    if paths:
        return lambda record: from_files(record, paths, notice)
    open_terminal()
    # The chain is read when custodians are asked: what was paid for in the meantime is in it.
    return lambda record: replace(prompt_for(record, lang, _chain(folder)), notice=notice).quorum()


def _notice(lang: str | None, machines: int, folder: Path) -> str:
    return load_wording("cards", lang or "")("ask-machines", machines=machines, folder=folder)


def _chain(folder: StudyFolder) -> tuple[str, ...]:
    with folder.open_ledger() as ledger:
        return tuple(ledger.chain)
