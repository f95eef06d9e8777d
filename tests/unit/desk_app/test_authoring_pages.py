"""An author's file at the desk: what it says of forms and questionnaires, and of files that mean harm."""

import base64
import io
import re
import zipfile

import pytest
from devices.authenticator import offered
from devices.staff_passkeys import signer
from hosts.applications import desk_app
from hosts.collection import PASSWORD, STUDY
from hosts.desk_client import HTTPS, Clock, get, post, sign_in, token_in
from hosts.host_acts import outcome, worker
from paths import ROOT
from studies.forms import CHOICES, survey, xlsx
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from survey.desk_app.authoring.examination import Examination
from survey.desk_app.authoring.reader import UnreadFileError
from survey.desk_process.child import Child
from survey.office_db.people.accounts import set_password
from survey.office_db.people.role import Role
from survey.office_db.study_status import source_of
from survey.operations.staff import give_role
from survey.operations.transaction import office_session

NEW = "/new-study"
SHOWCASE = (ROOT / "survey" / "studies" / "sesame_credit" / "questionnaire.yaml").read_bytes()
HOSTILE = "<script>alert(1)</script>"
FORM = xlsx(
    {
        "survey": survey(
            {"type": "image", "name": "photo", "label": "Photo"},
            {"type": "select_one yn", "name": "eaten", "label": "Have you eaten?"},
            {"type": "integer", "name": "age", "label": "Age", "constraint": ". >= 18 and . <= 100"},
        ),
        "choices": [row[:3] for row in CHOICES],
    }
)


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Read each file once, in a real child process."""
    known, child = {}, Child(tmp_path_factory.mktemp("desk") / "lock")

    def reads(file):
        if file not in known:
            known[file] = child(file)
        return known[file]

    return reads


@pytest.fixture
def desk(collection, read):
    app = desk_app(collection.settings, Clock(), examine=read)
    yield app
    app.extensions["sotto"].engine.dispose()


@pytest.fixture
def author(desk):
    """Return a client of somebody who may begin a study."""
    client = desk.test_client()
    assert 303 == sign_in(client).status_code
    return client


def sent(client, content: bytes, name: str = "form.xlsx", where: str = NEW):
    """Upload a file with the token of the page."""
    data = {"csrf_token": token_in(get(client, where)), "file": FileStorage(io.BytesIO(content), name)}
    # In one piece: the client would leave a file open for the larger form.
    stream, length, boundary = stream_encode_multipart(data, use_tempfile=False)
    kind = f"multipart/form-data; boundary={boundary}"
    more = {"content_length": length, "content_type": kind, "headers": {"Referer": f"{HTTPS}{NEW}"}}
    return client.post(where, base_url=HTTPS, input_stream=stream, **more)


def brought(client, page, path: str, /, **data: str):
    """Send on what waits in a page that shows what was found."""
    waits = re.search(r'name="questionnaire"[^>]*value="([^"]*)"', page.text)[1]
    return post(client, path, {"csrf_token": token_in(page), "questionnaire": waits, **data}, f"{HTTPS}{NEW}")


def test_a_workbook_is_reported_with_the_row_of_each_remark(author):
    """What is refused and proposed stands with sheet, row and remedy; the questionnaire is there to download."""
    page = sent(author, FORM)
    assert 200 == page.status_code
    for words in ("survey!2 photo", "survey!4 age", "Left out", "Proposed, to be confirmed", "3 questions:"):
        assert words in page.text
    kept = brought(author, page, f"{NEW}/questionnaire")
    assert 'attachment; filename="questionnaire.yaml"' == kept.headers["Content-Disposition"]
    assert "id: AGE" in kept.text
    assert "photo" not in kept.text


def test_a_questionnaire_with_faults_names_every_line(author):
    """Two faults of one file are both told with their lines, and nothing is offered; the sound file is the control."""
    broken = SHOWCASE.replace(b"sealing: phone", b"sealing: wax", 1).replace(b"\nmode: ", b"\nmood: ", 1)
    assert broken.count(b"sealing: wax") == broken.count(b"\nmood: ") == 1
    page = sent(author, broken, "study.yaml")
    assert 422 == page.status_code
    lines = [number for number, line in enumerate(broken.split(b"\n"), 1) if line.startswith((b"sealing: w", b"mood"))]
    assert all(f"<code>{number}: " in page.text for number in lines)
    assert "Download the questionnaire" not in page.text
    sound = sent(author, SHOWCASE, "study.yaml")
    assert (200, True) == (sound.status_code, "Download the questionnaire" in sound.text)


def test_the_file_that_comes_back_is_the_one_that_was_sent(author):
    """A questionnaire is given back byte for byte, with its own line ends, which forms of browsers change."""
    windows = SHOWCASE.replace(b"\n", b"\r\n")
    page = sent(author, windows, "study.yaml")
    assert windows == brought(author, page, f"{NEW}/questionnaire").data


@pytest.mark.parametrize(("page", "words"), [("zh-Hans", "芝麻"), ("translations", "<table")])
def test_paper_is_shown_in_a_frame_that_runs_nothing(author, page, words):
    """The questionnaire and the table of translations come under a policy without script, address or origin."""
    shown = brought(author, sent(author, SHOWCASE, "study.yaml"), f"{NEW}/page", page=page)
    assert (200, True) == (shown.status_code, words in shown.text)
    policy = shown.headers["Content-Security-Policy"]
    assert {"default-src 'none'", "sandbox", "frame-ancestors 'self'"} <= {one.strip() for one in policy.split(";")}
    assert "script-src" not in policy
    assert "sandbox title" in sent(author, SHOWCASE, "study.yaml").text


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh-Hans", "照片会暴露是谁在回答"), ("zh-Hant", "照片會暴露是誰在回答"), ("en", "a picture tells")],
)
def test_what_is_found_is_said_in_the_language_of_the_page(author, lang, words):
    """The page and the messages of the import speak each language."""
    page = sent(author, FORM, where=f"{NEW}?lang={lang}")
    assert words in page.text
    assert f'lang="{lang}"' in page.text


FILES = {
    "no file": (b"", "form.xlsx", 400, "is missing, or is empty"),
    "another kind": (b"x", "form.pdf", 400, "Its name ends otherwise"),
    "no ending": (b"x", "form", 400, "Its name ends otherwise"),
    "too large": (b"x" * (1024**2 + 1), "study.yaml", 400, "It is too large"),
    "no workbook": (b"MZ" + b"x" * 99, "form.xlsx", 422, "this is no workbook by its first bytes"),
    "not YAML": (b"a: [b", "study.yaml", 422, "not YAML"),
    "another encoding": ("标题".encode("gb18030"), "study.yaml", 422, "not text in UTF-8"),
    "a name of a path": (b"a: b", "../../../etc/cron.d/x.yaml", 422, "<code>x.yaml</code>"),
    "a name with markup": (b"a: b", f"{HOSTILE}.yaml", 422, "<code>script.yaml</code>"),
    "a name of Windows": (b"a: b", "C:\\Users\\li\\study 1.yaml", 422, "study-1.yaml</code>"),
}


@pytest.mark.parametrize(("content", "name", "status", "words"), FILES.values(), ids=FILES)
def test_a_file_that_is_none_is_told_what_to_do(author, content, name, status, words):
    """Each gets its sentence, and no name of a stranger reaches a path or the page."""
    page = sent(author, content, name)
    assert (status, True) == (page.status_code, words in page.text)
    assert HOSTILE not in page.text
    assert ".." not in page.text


def archive(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def entities() -> bytes:
    """Return a workbook whose sheet names entities that would grow to a billion letters."""
    source = io.BytesIO(FORM)
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    with zipfile.ZipFile(source) as sound:
        parts = {name: sound.read(name) for name in sound.namelist()}
    sheet = next(name for name in parts if name.endswith("sheet1.xml"))
    body = re.sub(rb"^<\?xml[^>]*>", b"", parts[sheet])
    head = f'<!DOCTYPE worksheet [<!ENTITY e0 "lol">{bomb}]>'.encode()
    parts[sheet] = head + body.replace(b"<sheetData>", b"<sheetData><!-- --><row><c><v>&e9;</v></c></row>", 1)
    return archive(**parts)


ALIASES = b"a0: &a0 [x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)
)
BOMBS = {
    "zip": (archive(**{"xl__worksheets__sheet1.xml": b"0" * 200_000_000}), "form.xlsx"),
    "entities": (entities(), "form.xlsx"),
    "deep YAML": (b"[" * 200_000, "study.yaml"),
    "nested aliases": (ALIASES, "study.yaml"),
    "a huge cell": (
        xlsx({"survey": survey({"type": "note", "name": "n", "label": "=" + "x" * 32_000}), "choices": CHOICES}),
        "form.xlsx",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "name"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_harms_nobody(author, content, name):
    """Each is answered, with a page that fits a screen's memory, and the next file is read as before."""
    page = sent(author, content, name)
    assert page.status_code in {200, 400, 422}
    assert len(page.data) < 500_000
    assert 200 == sent(author, FORM).status_code


def test_no_text_of_a_file_is_markup(author):
    """Markup in names, labels, choices and settings of a form stands on the page as text, if at all."""
    rows = survey(
        {"type": HOSTILE, "name": "a", "label": "A"},
        {"type": "select_one yn", "name": HOSTILE, "label": f"{HOSTILE} eaten?", "relevant": HOSTILE},
        {"type": "integer", "name": "age", "label": "Age", "appearance": HOSTILE, "constraint_message": HOSTILE},
    )
    choices = [row[:3] for row in CHOICES] + [("yn", HOSTILE, HOSTILE)]
    settings = [["form_title", "form_id", "version"], [HOSTILE] * 3]
    page = sent(author, xlsx({"survey": rows, "choices": choices, "settings": settings}))
    assert page.status_code in {200, 422}
    assert "&lt;script&gt;" in page.text, "the control: the page does quote the file"
    assert HOSTILE not in page.text
    yaml = SHOWCASE.replace(b"sealing: phone", f"sealing: {HOSTILE}".encode(), 1) + f'\n"{HOSTILE}": 1\n'.encode()
    page = sent(author, yaml, "study.yaml")
    assert (422, True, False) == (page.status_code, "&lt;script&gt;" in page.text, HOSTILE in page.text)


@pytest.mark.parametrize("why", ["slow", "failed", "occupied", "workbooks", "nowhere"])
def test_where_nothing_was_read_the_page_says_what_helps(collection, why):
    """A child that hung or died, and a desk without one, cost a sentence and not a page."""

    def unread(_) -> Examination:
        raise UnreadFileError(why)

    app = desk_app(collection.settings, Clock(), examine=unread)
    client = app.test_client()
    sign_in(client)
    page = sent(client, FORM)
    assert (400, True) == (page.status_code, "The file was not read." in page.text)
    app.extensions["sotto"].engine.dispose()


@pytest.mark.parametrize("path", [NEW, *(f"{NEW}/{one}" for one in ("page", "questionnaire", "ask", "signed"))])
def test_only_who_may_begin_a_study_sends_a_file(collection, desk, author, path):
    """A fieldworker, a researcher of one study and a stranger send nothing, not even a form without a token."""
    waits = base64.urlsafe_b64encode(SHOWCASE).decode()
    token = token_in(get(author, NEW))
    form = {"csrf_token": token, "questionnaire": waits, "page": "en"}
    assert post(author, path, form, f"{HTTPS}{NEW}").status_code in {200, 303, 400}, "the control: this one may"
    assert 400 == post(author, path, form | {"csrf_token": ""}, f"{HTTPS}{NEW}").status_code
    assert 400 == post(author, path, form, "https://evil.example/").status_code
    for role, studies in ((Role.FIELDWORKER, ()), (Role.AUDITOR, ()), (Role.RESEARCHER, (STUDY,))):
        give_role(collection.settings, "li", role, studies)
        # A large form of theirs is refused unread; a small one finds a closed door.
        assert 413 == post(author, path, form, f"{HTTPS}{NEW}").status_code
        assert 403 == post(author, path, {"csrf_token": token}, f"{HTTPS}{NEW}").status_code
        assert 403 == get(author, NEW).status_code
        assert NEW not in get(author, "/").text
    assert 303 == get(desk.test_client(), NEW).status_code


def test_a_study_is_asked_for_and_kept(collection, author):
    """From the spreadsheet to the study: what waited in the page is asked for, and the operator keeps its bytes."""
    page = sent(author, FORM)
    assert "I have read what is left out" in page.text
    study = re.search(r"<dt>Study</dt><dd><code>([^<]+)", page.text)[1]
    yaml = brought(author, page, f"{NEW}/questionnaire").data
    answer = brought(author, page, f"{NEW}/ask")
    assert (303, "/requests/1") == (answer.status_code, answer.headers["Location"])
    worker(collection).work()
    assert "is kept as a study" in get(author, "/requests/1").text
    assert "Keep a questionnaire as a study" in get(author, "/requests").text
    with office_session(collection.settings) as session:
        assert yaml == source_of(session, study)
    assert f'href="/studies/{study}"' in get(author, "/").text


def test_what_changes_is_shown_before_it_is_asked_for(collection, author):
    """Of a study that is there the page tells what differs; the request replaces the version that was shown alone."""
    first = SHOWCASE.replace(b"\nstudy: q26", b"\nstudy: brought", 1)
    page = sent(author, first, "study.yaml")
    assert "What changes against" not in page.text
    assert 303 == brought(author, page, f"{NEW}/ask").status_code
    worker(collection).work()
    assert "Nothing changes that anybody is asked or reads." in sent(author, first, "study.yaml").text
    second = first.replace(b"\nsealing: ", b"\noverview: false\nsealing: ", 1)
    assert second != first
    page = sent(author, second, "study.yaml")
    assert "What changes against the questionnaire that the study has" in page.text
    stale = {"replaces": "0" * 64}
    for changes, state in ((stale, "refused"), ({}, "done")):
        replaces = re.search(r'name="replaces"[^>]*value="([0-9a-f]*)"', page.text)[1]
        answer = brought(author, page, f"{NEW}/ask", **({"replaces": replaces} | changes))
        worker(collection).work()
        number = int(answer.headers["Location"].rpartition("/")[2])
        assert state == outcome(collection, number)[0]


def test_a_study_with_a_wave_is_not_offered(open_collection, read):
    """Its questionnaire stays: the page says so, and what to do."""
    app = desk_app(open_collection.settings, Clock(), examine=read)
    client = app.test_client()
    sign_in(client)
    with office_session(open_collection.settings) as session:
        source = source_of(session, STUDY)
    page = sent(client, source, "study.yaml")
    assert "This study has had a wave, and keeps its questionnaire." in page.text
    assert f'formaction="{NEW}/ask"' not in page.text
    app.extensions["sotto"].engine.dispose()


def test_a_study_is_signed_for(collection, read):
    """Where signatures are asked for, a confirmed passkey signs; unsigned, changed or another's it is asked nowhere."""
    app = desk_app(collection.settings, Clock(), examine=read, unsigned=False)
    client = app.test_client()
    sign_in(client)
    page = sent(client, FORM)
    assert "You have none. Add one in My account" in page.text
    assert 400 == brought(client, page, f"{NEW}/ask").status_code
    mei = signer(collection, "mei")
    with office_session(collection.settings) as session:
        set_password(session, "mei", PASSWORD)
    client = app.test_client()
    sign_in(client, "mei")
    shown = brought(client, sent(client, FORM), f"{NEW}/ask")
    assert "What you sign" in shown.text
    fields = ("request", "questionnaire")
    form = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', shown.text)[1] for name in fields}
    form |= {"csrf_token": token_in(shown), "credential": mei.got(offered(shown))}
    other = base64.urlsafe_b64encode(SHOWCASE).decode()
    for changes in ({"credential": ""}, {"questionnaire": other}, {"request": "e30="}, {"csrf_token": ""}):
        assert 400 == post(client, f"{NEW}/signed", form | changes, f"{HTTPS}{NEW}").status_code
    answer = post(client, f"{NEW}/signed", form, f"{HTTPS}{NEW}")
    assert 303 == answer.status_code
    worker(collection, unsigned=False).work()
    assert "done" == outcome(collection, 1)[0]
    app.extensions["sotto"].engine.dispose()


WAITS = {"no base64": "%%%", "nothing": "", "too large": base64.urlsafe_b64encode(b"a" * (1024**2 + 1)).decode()}


@pytest.mark.parametrize("waits", WAITS.values(), ids=WAITS)
@pytest.mark.parametrize("path", [f"{NEW}/page", f"{NEW}/questionnaire", f"{NEW}/ask"])
def test_what_comes_back_is_checked_as_a_strangers(author, path, waits):
    """What waited in a page and was changed is refused, and so is a page of another name."""
    token, sound = token_in(get(author, NEW)), base64.urlsafe_b64encode(SHOWCASE).decode()
    form = {"csrf_token": token, "questionnaire": waits, "page": "en"}
    assert 400 == post(author, path, form, f"{HTTPS}{NEW}").status_code
    strange = form | {"questionnaire": sound, "page": "../../etc/passwd"}
    assert 400 == post(author, path, strange, f"{HTTPS}{NEW}").status_code
    assert post(author, path, form | {"questionnaire": sound}, f"{HTTPS}{NEW}").status_code in {200, 303}


def test_no_page_takes_the_place_of_a_study(desk):
    """Whatever a study is called, `new` too, has its page: below /studies nothing else stands in its place."""
    rules = [rule.rule for rule in desk.url_map.iter_rules() if rule.rule.startswith("/studies/")]
    assert ["/studies/<study>"] == [rule for rule in rules if rule.count("/") == 2]
    assert all(rule.startswith("/studies/<study>") for rule in rules)
    assert "desk.study_page" == desk.url_map.bind("desk").match("/studies/new")[0]
