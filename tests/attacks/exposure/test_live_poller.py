"""Who watches every page and file that is told while answers arrive learns of none; the store's own files tell root.

Half of the moments, drawn, have an arrival. An observer who sees anything of them would see it here: what is watched
must be the same bytes at every moment, so there is no chance of a false alarm.
"""

import random
import re

import pytest
from hosts.applications import desk_app, respond_app
from hosts.collection import STUDY, Collection
from hosts.desk_client import HTTPS, Clock, sign_in

from survey.operations import boxes, studies

MOMENTS = 40
RESPOND = (f"/s/{STUDY}", f"/r/{STUDY}", f"/k/{STUDY}", "/healthz", "/readyz", "/blank")
DESK = ("/", f"/studies/{STUDY}", "/healthz", "/readyz")


@pytest.fixture
def watched(collection: Collection):
    """Return the host with an open wave, a client of the respond app and a signed-in one of the desk."""
    collection.open_wave()
    phone, desk = respond_app(collection.settings), desk_app(collection.settings, Clock())
    staff = desk.test_client()
    assert 303 == sign_in(staff).status_code
    yield collection, phone.test_client(), staff
    for app in (phone, desk):
        app.extensions["sotto"].engine.dispose()


def everything_shown(collection: Collection, phone, staff, *, times: bool = True) -> bytes:
    """Return all that respondents, the public and staff are told at a moment, headers and published files included."""
    pages = [phone.get(path) for path in RESPOND] + [staff.get(path, base_url=HTTPS) for path in DESK]
    page_texts = [[str(page.status_code), sorted(map(str, page.headers)), forgetful(page.text)] for page in pages]
    files = [path for path in sorted(collection.settings.public.rglob("*")) if path.is_file()]
    shown = [
        [path.name, path.stat().st_size, times and path.stat().st_mtime_ns, path.read_bytes().hex()] for path in files
    ]
    levels = [repr(one) for one in studies.study_status(collection.settings)]
    return repr([page_texts, shown, levels]).encode()


def forgetful(text: str) -> str:
    """Return a page without the one thing that is drawn anew for every view: the form's token."""
    return re.sub(r'name="csrf_token"[^>]*value="[^"]+"', "", text)


def sizes(collection: Collection) -> list[int]:
    """Return what root sees: the sizes of the store's files."""
    return [path.stat().st_size for path in sorted(collection.settings.public.parent.glob("answers.sqlite*"))]


def moments(watched, look) -> tuple[list[bool], list[bool]]:
    """Return at which moments an answer arrived, and at which the watcher saw something change."""
    collection, phone, staff = watched
    drawn, arrived, changed = random.Random(11), [], []
    # The desk sets the cookie of its forms at the first look.
    look(collection, phone, staff)
    before = look(collection, phone, staff)
    for _ in range(MOMENTS):
        arrived.append(drawn.random() < 0.5)
        if arrived[-1]:
            answer = phone.post(f"/s/{STUDY}", data=collection.body(), content_type="application/octet-stream")
            assert 201 == answer.status_code
        now = look(collection, phone, staff)
        changed.append(now != before)
        before = now
    return arrived, changed


def test_what_is_told_does_not_move_when_an_answer_arrives(watched):
    """Pages, headers, health, published files with their times, and staff's own status are the same at all moments."""
    arrived, changed = moments(watched, everything_shown)
    assert 0 < sum(arrived) < MOMENTS
    assert not any(changed)


def test_the_store_s_own_files_show_arrivals_to_root(watched):
    """The control: the same watch over the sizes of the store's files finds arrivals, as any file system shows."""
    arrived, changed = moments(watched, lambda collection, *_: sizes(collection))
    assert sum(changed) > MOMENTS / 4
    assert all(came for came, seen in zip(arrived, changed, strict=True) if seen)


def test_compaction_tells_a_level_and_no_number(watched):
    """After compaction the level in words is all that moved, whatever came within it; files bear its own moment."""
    collection, phone, staff = watched
    before = everything_shown(collection, phone, staff, times=False)
    for _ in range(4):
        phone.post(f"/s/{STUDY}", data=collection.body(), content_type="application/octet-stream")
    boxes.compact_answers(collection.settings)
    enough = everything_shown(collection, phone, staff, times=False)
    phone.post(f"/s/{STUDY}", data=collection.body(), content_type="application/octet-stream")
    boxes.compact_answers(collection.settings)
    assert before != enough
    assert enough == everything_shown(collection, phone, staff, times=False)
