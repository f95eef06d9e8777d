"""Who may open what: every route of the desk asked as everybody, by role and by study, against one table."""

import pytest
from hosts.applications import desk_app
from hosts.collection import STUDY, published
from hosts.desk_client import FOR_STRANGERS, HTTPS, Clock, get
from hosts.host_acts import asks

from survey.desk_app.signed_in import TOKEN
from survey.office_db.people.role import Role
from survey.office_db.people.sessions import SignInWay, begin_session
from survey.operations.staff import give_role, invite_user
from survey.operations.transaction import office_session

OTHER = "another-study"
EVERYBODY = ("stranger", "no role", *Role, "researcher elsewhere", "fieldworker elsewhere", "researcher here")
HERE = {*Role, "researcher here"}
"""Who sees the study."""
SIGNED_IN = {*EVERYBODY} - {"stranger"}
ASK = {Role.OWNER, Role.RESEARCHER, "researcher here"}
AUDITS = {Role.OWNER, Role.AUDITOR}

# By endpoint: the addresses, who is let in, and what others who are signed in get. Strangers are led to the door.
ROUTES = {
    "desk.home": (["/"], SIGNED_IN, None),
    "desk.study_page": ([f"/studies/{STUDY}"], HERE, 404),
    "desk.release_page": (["/releases/{release}"], HERE, 404),
    "desk.release_file": (["/releases/{release}/release.json"], HERE, 404),
    "desk.table_file": (["/releases/{release}/T02.csv"], HERE, 404),
    "checklist.page": ([f"/studies/{STUDY}/waves/{one}" for one in (1, 2)], HERE, 404),
    "fieldwork.page": ([f"/studies/{STUDY}/waves/{one}/fieldwork" for one in (1, 2)], HERE, 404),
    "checklist.document": ([f"/studies/{STUDY}/waves/1/documents/manifest.json"], HERE, 404),
    "results.paper": (["/releases/{release}/plan.json", "/releases/{release}/manifest.json"], HERE, 404),
    "results.files": (["/releases/{release}/files.zip"], HERE, 404),
    "results.budget": ([f"/studies/{STUDY}/budget"], HERE, 404),
    "results.preview": ([f"/studies/{STUDY}/waves/1/preview"], ASK, {True: 403, False: 404}),
    "audit.page": (["/audit"], AUDITS, 403),
    "audit.file": (["/audit.csv"], AUDITS, 403),
    "server.page": (["/server"], AUDITS, 403),
    "people.page": (["/people"], {Role.OWNER}, 403),
    "account.page": (["/account"], SIGNED_IN, None),
    "account.app": (["/account/app"], SIGNED_IN, None),
    "requests.page": (["/requests"], SIGNED_IN, None),
    "requests.one": (["/requests/1"], HERE, 404),
    "requests.ask": ([f"/studies/{STUDY}/waves/2/open-wave"], ASK, {True: 403, False: 404}),
    "requests.take_back": (["POST /requests/1/back"], set(), 400),
    "requests.approve": (["POST /requests/1/approval"], set(), 400),
    "requests.sign": ([f"POST /studies/{STUDY}/waves/2/open-wave/signed"], set(), 400),
    "authoring.new": (["/new-study"], {Role.OWNER, Role.RESEARCHER}, 403),
    "authoring.questionnaire": (["POST /new-study/questionnaire"], set(), 400),
    "authoring.page": (["POST /new-study/page"], set(), 400),
    "authoring.ask": (["POST /new-study/ask"], set(), 400),
    "authoring.signed": (["POST /new-study/signed"], set(), 400),
    # Forms alone: without the token of a form they do nothing, for anybody.
    "account.password": (["POST /account/password"], set(), 400),
    "account.recovery": (["POST /account/recovery"], set(), 400),
    "account.sessions": (["POST /account/sessions"], set(), 400),
    "passkeys.add": (["POST /account/passkey"], set(), 400),
    "passkeys.remove": (["POST /account/passkey/remove"], set(), 400),
}


@pytest.fixture
def release(collection, tmp_path):
    name = published(collection, tmp_path / "box")
    asks(collection, {"kind": "publish", "document": name, "typed": STUDY})
    return name


@pytest.fixture
def clients(collection):
    """A client for everybody, each in a session of their own."""
    app = desk_app(collection.settings, Clock())
    yield {who: client(app, collection, who) for who in EVERYBODY}
    app.extensions["sotto"].engine.dispose()


def client(app, collection, who: str):
    made = app.test_client()
    if who == "stranger":
        return made
    name = who.replace(" ", "-")
    role = Role(who.split(maxsplit=1)[0]) if who != "no role" else Role.FIELDWORKER
    invite_user(collection.settings, name, role)
    with office_session(collection.settings) as session:
        session.connection().exec_driver_sql(ROLE_OF[who.rsplit(maxsplit=1)[-1]].format(name=name, study=OTHER))
        token = begin_session(session, name, SignInWay.CODE, Clock().now)
    if who.endswith(" here"):
        give_role(collection.settings, name, role, (STUDY,))
    with made.session_transaction(base_url=HTTPS) as cookie:
        cookie[TOKEN] = token
    return made


ROLE_OF = {
    "role": "DELETE FROM staff_role WHERE staff = '{name}'",
    "elsewhere": "UPDATE staff_role SET study = '{study}' WHERE staff = '{name}'",
    **dict.fromkeys([*Role, "here"], "SELECT 1"),
}


def test_the_table_has_every_route(collection):
    """A route that stands in no line of the table fails here: nobody decided yet who may open it."""
    app = desk_app(collection.settings, Clock())
    app.extensions["sotto"].engine.dispose()
    assert {*ROUTES} | FOR_STRANGERS == {rule.endpoint for rule in app.url_map.iter_rules()}


@pytest.mark.slow
@pytest.mark.usefixtures("tiny_workbooks")
def test_every_route_is_asked_as_everybody(clients, release):
    """Each is open to exactly those whom the table names; the others get its refusal, with no word of the study."""
    wrong = []
    for endpoint, (addresses, allowed, refusal) in ROUTES.items():
        for address in addresses:
            for who, one in clients.items():
                refused = refusal[who in HERE] if isinstance(refusal, dict) else refusal
                status, text = asked(one, address.format(release=release))
                door = who == "stranger" and not address.startswith("POST")
                expected = 303 if door else 200 if who in allowed else refused
                if status != expected or (status != 200 and STUDY in text):
                    wrong.append((endpoint, who, status, expected))
    assert [] == wrong
    # The list names the study to those who see it, and to nobody else.
    assert HERE == {who for who, one in clients.items() if STUDY in get(one, "/").text}
    assert HERE == {who for who, one in clients.items() if '/requests/1"' in get(one, "/requests").text}


def asked(one, address: str) -> tuple[int, str]:
    if address.startswith("POST "):
        answer = one.post(address[5:], base_url=HTTPS, data={}, headers={"Referer": f"{HTTPS}/"})
    else:
        answer = get(one, address)
    return answer.status_code, answer.text if answer.mimetype == "text/html" else ""


def test_links_lead_where_one_may_go(clients):
    """The frame of a page links the audit and the people for those who may see them alone."""
    seen = {who: get(one, "/").text for who, one in clients.items() if who != "stranger"}
    assert AUDITS == {who for who, text in seen.items() if '"/audit"' in text}
    assert AUDITS == {who for who, text in seen.items() if '"/server"' in text}
    assert {Role.OWNER} == {who for who, text in seen.items() if '"/people"' in text}


def test_a_role_counts_from_the_next_request(clients, collection):
    """Taken away or given, it holds for sessions that are open already."""
    auditor = clients[Role.AUDITOR]
    assert 200 == get(auditor, "/audit").status_code
    give_role(collection.settings, "auditor", Role.FIELDWORKER, (STUDY,))
    assert [403, 200] == [get(auditor, path).status_code for path in ("/audit", f"/studies/{STUDY}")]


def test_the_list_of_people_tells_roles_and_means(clients):
    """Names, roles and the means by which each signs in; no secret."""
    page = get(clients[Role.OWNER], "/people?lang=en").text
    assert all(f'"row">{who.replace(" ", "-")}' in page for who in SIGNED_IN)
    assert f"<code>{OTHER}</code>" in page
    assert "link for the first sign-in" in page
    assert "$argon2" not in page
