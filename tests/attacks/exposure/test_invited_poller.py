"""Who has every slip and asks everything, as often as they like, learns of nobody but by spending a slip that was good.

At drawn moments holders redeem their codes and hand in. The attacker knows all codes and sees every page, header,
length and published file, and what the issuer answers to all that costs nothing.
"""

import random
from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient
from hosts.applications import respond_app
from hosts.invited import OCTETS, STUDY, Inviting, issue, message

from crypto.canonical import from_base64url
from crypto.envelope import BODY_VERSION, body
from crypto.invitation_codes import new_code
from survey.operations import invitations as inviting

MOMENTS = 24
PAGES = (
    *(f"/{page}/{STUDY}" for page in "srkwcf"), "/healthz", "/readyz", "/blank", "/log/checkpoint",
    "/log/entries.jsonl", "/log/key", f"/k/{STUDY}/sw.js", f"/k/{STUDY}/app.webmanifest", f"/s/{STUDY}/work",
)  # fmt: skip
Seen = tuple[int, str, bytes]


@dataclass
class Attacker:
    """Everything that can be asked of a host without spending a code; `codes` are of the open batch."""

    host: Inviting
    phone: FlaskClient
    issuer: FlaskClient
    codes: list[str]
    closed: list[str]
    unknown: str = field(default_factory=new_code)

    def pages(self) -> list[Seen]:
        """Return status, headers and body of every page, and every published file."""
        seen = [self.seen(self.phone.get(path)) for path in PAGES]
        files = sorted(path for path in self.host.settings.public.rglob("*") if path.is_file())
        return seen + [(path.stat().st_mtime_ns, path.name, path.read_bytes()) for path in files]

    def free(self, code: str) -> list[Seen]:
        """Return what the issuer answers about a code to requests that spend none."""
        n = int.from_bytes(from_base64url(self.host.manifests[1].issuer_key), "big")
        odd = [number.to_bytes(256, "big") for number in (0, 1, n - 1, n, 2**2048 - 1)]
        bodies = [BODY_VERSION + code.encode() + blinded for blinded in odd]
        whole = BODY_VERSION + code.encode() + message(9)
        bodies += [whole[:-1], whole + b"\0", b"\x01" + whole[1:], BODY_VERSION + code.encode(), whole[:18]]
        asked = [self.issuer.post(f"/t/{STUDY}", data=data, headers=OCTETS) for data in bodies]
        asked += [self.issuer.post(path, data=whole, headers=OCTETS) for path in (f"/t/{STUDY}/check", "/t/other")]
        asked.append(self.issuer.post(f"/t/{STUDY}", data=whole, headers=OCTETS | {"Sec-Fetch-Site": "cross-site"}))
        asked.append(self.issuer.get(f"/t/{STUDY}?code={code}"))
        return [self.seen(answer) for answer in asked]

    def of_closed(self) -> list[Seen]:
        """Return what the issuer answers to good requests for codes of a closed batch, which spend nothing either."""
        return [self.seen(issue(self.issuer, code, message(9))) for code in self.closed]

    def everything(self) -> list[Seen]:
        """Return all of it at one moment."""
        codes = [*self.codes, *self.closed, self.unknown]
        return self.pages() + [seen for code in codes for seen in self.free(code)] + self.of_closed()

    @staticmethod
    def seen(answer) -> Seen:
        return answer.status_code, str(sorted(answer.headers)), answer.data


@pytest.fixture
def attacker(invited: Inviting):
    """Return an attacker who has slips of an open batch and of a closed one, of which one was used and one was not."""
    app = respond_app(invited.settings)
    issuer, closed = invited.issuer(), invited.codes("april")[:2]
    assert 200 == issue(issuer, closed[0], message(1)).status_code
    inviting.close_batch(invited.settings, STUDY, "april")
    yield Attacker(invited, app.test_client(), issuer, invited.codes()[:4], closed)
    app.extensions["sotto"].engine.dispose()


def test_a_poller_with_all_slips_learns_of_no_redemption_and_no_answer(attacker: Attacker):
    """Pages, headers, lengths, files and free answers of the issuer are the same bytes before and after each event."""
    drawn, records, unused = random.Random(22), attacker.host.issued(MOMENTS), [*attacker.codes]
    before, events = attacker.everything(), []
    for _ in range(MOMENTS):
        event = drawn.choice(["nothing", "redeemed", "handed in"])
        if event == "redeemed" and unused:
            assert 200 == issue(attacker.issuer, unused.pop(), message(len(unused) + 1)).status_code
        if event == "handed in":
            sent = attacker.phone.post(f"/s/{STUDY}", data=body(records.pop()), headers=OCTETS)
            assert 201 == sent.status_code
        events.append(event)
        assert before == attacker.everything()
    assert ({"nothing", "redeemed", "handed in"}, []) == ({*events}, unused)


def test_used_unused_and_unknown_codes_are_answered_alike(attacker: Attacker):
    """Whatever is free tells nothing of a code: the same bytes for used, unused and unknown ones."""
    used, unused = attacker.codes[:2]
    issue(attacker.issuer, used, message(1))
    answers = [attacker.free(code) for code in (used, unused, attacker.unknown, *attacker.closed)]
    assert all(answers[0] == one for one in answers)
    assert 1 == len({*attacker.of_closed()})
    assert {256} == {len(data) for status, _, data in answers[0] if status == 400}


def test_spending_a_code_is_what_tells(attacker: Attacker):
    """The control: a good request for a code of an open batch tells used from unused, once, and its holder sees it."""
    used, unused = attacker.codes[:2]
    issue(attacker.issuer, used, message(1))
    assert [409, 200] == [issue(attacker.issuer, code, message(2)).status_code for code in (used, unused)]
    assert 409 == issue(attacker.issuer, unused, message(3)).status_code, "the holder finds the slip used"
