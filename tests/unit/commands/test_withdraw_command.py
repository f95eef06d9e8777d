"""`sotto withdraw`: an assistant takes an answer back; the words stay on this machine and in no process list."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from hosts.applications import respond_app
from hosts.threaded_server import answering
from hosts.tokened import InvitedStudy
from studies.market import STUDY
from werkzeug.serving import make_server

from crypto.envelope import study_id
from crypto.withdrawal import owner_secret
from crypto.word_codes import write_words
from survey.answers_db import insert_only, owner_access
from survey.answers_db.compaction import compact
from survey.commands import withdraw
from survey.commands.main import main
from survey.commands.withdraw_client import WithdrawalClient, WithdrawalRefusedError, read_typed_code

PLACES = (1234, 567, 89, 2000, 999, 1, 300, 1717)


@pytest.fixture
def host(settings) -> InvitedStudy:
    return InvitedStudy(settings).publish()


@pytest.fixture
def url(host) -> Iterator[str]:
    """Serve the respond app; give the address beside the words."""
    app = respond_app(host.settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with answering(server, app.extensions["sotto"].engine) as origin:
        yield f"{origin}/w/{STUDY}"


def answered(host: InvitedStudy) -> None:
    """Store the answer of whoever has the code, and somebody else's."""
    owner = owner_access.connect_owner(host.settings.answers_url)
    secret = owner_secret(PLACES, study_id(STUDY), host.epoch)
    for record in (host.record(secret=secret), host.record()):
        insert_only.insert_record(owner, host.epoch, record.row_key, record.to_bytes())
    owner.dispose()


def left(host: InvitedStudy) -> int:
    owner = owner_access.connect_owner(host.settings.answers_url)
    compact(owner, {})
    number = len(list(owner_access.iter_records(owner, host.epoch)))
    owner.dispose()
    return number


@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_eight_words_on_standard_input_take_the_answer_back(host, url, locale):
    """In each language the words take their answer back and no other; what is printed holds none of them."""
    answered(host)
    done = CliRunner().invoke(main, ["withdraw", url], input=write_words(PLACES, locale) + "\n")
    assert (0, True) == (done.exit_code, "within 24 hours" in done.output)
    assert not any(word in done.output.split() for word in write_words(PLACES, locale).split())
    assert 1 == left(host)


def test_the_answer_is_the_same_without_an_answer(host, url):
    """A code of nobody is taken like any other, and takes nothing away."""
    answered(host)
    codes = (write_words(PLACES, "en"), write_words((1,) * 8, "en"))
    results = [CliRunner().invoke(main, ["withdraw", url, "--json"], input=code) for code in codes]
    assert 1 == len({(done.exit_code, done.output) for done in results})
    assert '{"study": "market", "taken": true}\n' == results[0].output
    assert 1 == left(host)


def test_a_misspelt_word_is_named_and_its_neighbour_suggested(host, url):
    """From standard input a wrong word ends it: exit code 3, its number, the nearest word, nothing sent."""
    answered(host)
    typed = write_words(PLACES, "en").replace("eight", "eigth")
    done = CliRunner().invoke(main, ["withdraw", url], input=typed)
    assert 3 == done.exit_code
    assert "word 2 is not in the list: did you mean" in done.output
    assert "eight" in done.output
    assert "eigth" not in done.output
    assert 2 == left(host)


def test_at_a_terminal_the_words_are_asked_again():
    """A wrong word is told with its neighbours and asked again, five times at most."""
    typed, messages = iter(["abandn " * 8, "able able", write_words(PLACES, "en")]), []
    assert PLACES == read_typed_code(lambda: next(typed), messages.append)
    assert ["word 1", "a code has 8 words"] == [
        line[: len(due)] for line, due in zip(messages, ("word 1", "a code has 8 words"), strict=True)
    ]
    with pytest.raises(WithdrawalRefusedError, match="Nothing was sent"):
        read_typed_code(lambda: "able", messages.append)
    assert 2 + 4 == len(messages)
    assert not any("?." in line for line in messages)


def test_what_could_be_seen_is_not_read(host, url, monkeypatch):
    """At a terminal whose echo cannot be switched off nothing is read and nothing sent."""
    import getpass
    import warnings

    def shown(_prompt: str) -> str:
        warnings.warn("echo", getpass.GetPassWarning, stacklevel=1)
        return write_words(PLACES, "en")

    monkeypatch.setattr(getpass, "getpass", shown)
    with pytest.raises(withdraw.CommandError, match="could be seen"):
        withdraw._typed_without_echo()


def test_a_code_is_no_argument(url):
    """Words on the command line, where a process list shows them, are a fault of usage."""
    assert 2 == CliRunner().invoke(main, ["withdraw", url, *write_words(PLACES, "en").split()]).exit_code


def test_a_closed_study_says_why(host, url):
    """After the close the command says that nothing can be taken back, with exit code 3."""
    answered(host)
    host.state("closed")
    done = CliRunner().invoke(main, ["withdraw", url], input=write_words(PLACES, "en"))
    assert (3, True) == (done.exit_code, "can no longer be told apart" in done.output)
    assert 2 == left(host)


def test_a_wave_that_closes_meanwhile_says_why(host, url, monkeypatch):
    """Where the wave closes between the page and the withdrawal, the answer is the same."""
    withdrawal_client = WithdrawalClient.of(url)
    epoch = host.epoch
    host.state("closed")
    monkeypatch.setattr(WithdrawalClient, "_key_id", lambda _: epoch)
    with pytest.raises(WithdrawalRefusedError, match="it is closed"):
        withdrawal_client.withdraw(PLACES)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "give the address"),
        ("https://survey.example/", "give the address"),
        ("https://survey.example/w/Not_A_Study", "give the address"),
        ("https://survey.example:port/w/q26", "give the address"),
        ("https://[survey/w/q26", "give the address"),
        ("ftp://survey.example/w/q26", "give the address"),
        ("http://survey.example/w/q26", "no TLS"),
    ],
)
def test_another_address_is_refused(address, message):
    """What is no study's address, or has no TLS outside this machine and Tor, is refused before any word is asked."""
    with pytest.raises(WithdrawalRefusedError, match=message):
        WithdrawalClient.of(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://survey.example/w/q26",
        "survey.example/w/q26",
        "https://survey.example/s/q26#k=x",
        "http://abc.onion/w/q26",
    ],
)
def test_the_addresses_on_paper_are_understood(address):
    """The address beside the words, with or without its scheme, and the link of the slip name the study."""
    assert "q26" == WithdrawalClient.of(address).study


def test_a_host_that_is_away_or_has_no_such_study_is_said(url):
    """No host and no study are said without a traceback; nothing was sent."""
    with pytest.raises(WithdrawalRefusedError, match="cannot be reached"):
        WithdrawalClient.of("http://127.0.0.1:1/w/q26").withdraw(PLACES)
    with pytest.raises(WithdrawalRefusedError, match="no study nothing"):
        WithdrawalClient.of(url.replace(STUDY, "nothing")).withdraw(PLACES)
