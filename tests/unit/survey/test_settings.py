"""The environment is read once, strictly, and shown nowhere; each process reads the variables that it may know."""

import pytest
from paths import ROOT

from survey import settings as staff_settings
from survey.desk_app import settings as desk_settings
from survey.desk_app.settings import DeskSettings
from survey.environment import NAMES, ProcessVariables, SettingsError, of_process
from survey.issuer_app import settings as issuer_settings
from survey.issuer_app.settings import IssuerSettings
from survey.respond_app import settings as respond_settings
from survey.respond_app.settings import RespondSettings
from survey.settings import Settings

DOCUMENT = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
SECRET = "k" * 32
DESK = {"SOTTO_SECRET_KEY": SECRET}
SERVING = {
    "respond": (RespondSettings, respond_settings.NAMES, {}),
    "desk": (DeskSettings, desk_settings.NAMES, DESK),
    "issuer": (IssuerSettings, issuer_settings.NAMES, {}),
}
"""The settings of each process that serves, the variables it declares, and those it needs."""
HOME = {"SOTTO_HOME", "SOTTO_HOSTS"}
EXPECTED = {
    "respond": HOME | {"SOTTO_ANSWERS_URL", "SOTTO_PUBLIC", "SOTTO_WORK_KEY"},
    "desk": HOME
    | {"SOTTO_OFFICE_URL", "SOTTO_SECRET_KEY", "SOTTO_SECRET_KEY_FILE"}
    | {"SOTTO_INSECURE_COOKIES", "SOTTO_UNSIGNED_REQUESTS", "SOTTO_SECOND_PERSON"},
    "issuer": HOME | {"SOTTO_OFFICE_URL", "SOTTO_PUBLIC", "SOTTO_ISSUER_KEYS"},
}
FOREIGN = [(process, name) for process, own in EXPECTED.items() for name in sorted(NAMES - own)]


def test_everything_follows_from_one_folder(tmp_path):
    """With SOTTO_HOME alone, both databases and the published folder lie in it."""
    settings = Settings.from_environ({"SOTTO_HOME": str(tmp_path)})
    assert f"sqlite:///{tmp_path}/answers.sqlite" == settings.answers_url
    assert f"sqlite:///{tmp_path}/office.sqlite" == settings.office_url
    assert tmp_path / "public" == settings.public
    assert ("localhost", "127.0.0.1", "[::1]") == settings.hosts


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"SOTTO_ANSWER_URL": "sqlite:///x"}, "SOTTO_ANSWER_URL"),
        ({"SOTTO_ANSWERS_URL": "mysql://x"}, "SOTTO_ANSWERS_URL"),
        ({"SOTTO_OFFICE_URL": "postgresql://x"}, "SOTTO_OFFICE_URL"),
        ({"SOTTO_ANSWERS_URL": "sqlite:////a", "SOTTO_OFFICE_URL": "sqlite:////a"}, "two different databases"),
        ({"SOTTO_HOSTS": "https://survey.example"}, "SOTTO_HOSTS"),
        ({"SOTTO_HOSTS": "*"}, "SOTTO_HOSTS"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(environ, named):
    """Each wrong setting stops the start with a message that names it and not its value."""
    with pytest.raises(SettingsError, match=named) as caught:
        Settings.from_environ(environ)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, "SOTTO_SECRET_KEY or SOTTO_SECRET_KEY_FILE is needed"),
        ({"SOTTO_SECRET_KEY": "short"}, "SOTTO_SECRET_KEY"),
        (DESK | {"SOTTO_SECRET_KEY_FILE": "x"}, "not both"),
        ({"SOTTO_SECRET_KEY_FILE": "/nowhere/at/all"}, "SOTTO_SECRET_KEY_FILE"),
        (DESK | {"SOTTO_INSECURE_COOKIES": "yes"}, "SOTTO_INSECURE_COOKIES"),
        (DESK | {"SOTTO_INSECURE_COOKIES": "1", "SOTTO_HOSTS": "survey.example"}, "this machine only"),
    ],
)
def test_a_wrong_setting_of_the_desk_is_refused_by_name(environ, named):
    """A secret that is missing, short or unreadable, and cookies over http away from this machine, stop the desk."""
    with pytest.raises(SettingsError, match=named) as caught:
        DeskSettings.from_environ(environ)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("process", SERVING)
def test_a_process_declares_what_it_may_know_and_no_more(process):
    """The variables of each process that serves are these: a new one is a decision that this test wants to see."""
    assert EXPECTED[process] == SERVING[process][1]


@pytest.mark.parametrize("process", SERVING)
def test_a_process_that_serves_reads_its_own_settings(process, tmp_path):
    """With SOTTO_HOME alone each member lies where that of the staff commands does; none is of another process."""
    kind, _, needed = SERVING[process]
    own = vars(kind.from_environ({"SOTTO_HOME": str(tmp_path)} | needed))
    staff = vars(Settings.from_environ({"SOTTO_HOME": str(tmp_path)}))
    assert {name: value for name, value in staff.items() if name in own} == {
        name: value for name, value in own.items() if name in staff
    }
    members = {
        "respond": {"answers_url", "public", "work_key"},
        "desk": {"office_url", "secret_key", "insecure_cookies", "unsigned_requests", "second_person"},
    }
    members["issuer"] = {"office_url", "public", "issuer_keys"}
    assert members[process] | {"hosts"} == own.keys()


@pytest.mark.parametrize(("process", "name"), FOREIGN)
def test_a_process_refuses_to_start_with_what_only_others_may_know(process, name):
    """An address, key or secret of another process stops the start by name; without it, it starts."""
    kind, names, needed = SERVING[process]
    with pytest.raises(SettingsError, match=f"{name} must not be in the environment") as caught:
        kind.from_environ(needed | {name: "hunter2"})
    assert "hunter2" not in str(caught.value)
    assert kind.from_environ(of_process(needed | {name: "hunter2"}, names))


def test_a_process_cannot_read_what_it_does_not_declare():
    """Reading a variable that is not declared is a fault of the program, whether it is set or not."""
    variables = ProcessVariables.of({"SOTTO_OFFICE_URL": "sqlite:////x"}, respond_settings.NAMES)
    for read in (variables.database, variables.text, variables.path):
        with pytest.raises(LookupError, match="SOTTO_OFFICE_URL"):
            read("SOTTO_OFFICE_URL")


def test_the_processes_together_have_every_variable():
    """No variable is listed that nobody reads."""
    assert NAMES == staff_settings.NAMES.union(*(names for _, names, _ in SERVING.values()))


def test_a_secret_may_come_from_a_file(tmp_path):
    """The file's text without its line end is the secret."""
    (tmp_path / "secret").write_text(SECRET + "\n", encoding="ascii")
    assert DeskSettings.from_environ({"SOTTO_SECRET_KEY_FILE": str(tmp_path / "secret")}).secret_key == SECRET


def test_secrets_are_not_shown():
    """The repr has neither the secret nor a database address, which may hold a password."""
    url = "postgresql+psycopg://sotto_desk:hunter2@/office"
    shown = repr(DeskSettings.from_environ(DESK | {"SOTTO_OFFICE_URL": url}))
    shown += repr(IssuerSettings.from_environ({"SOTTO_OFFICE_URL": url}))
    shown += repr(RespondSettings.from_environ({"SOTTO_ANSWERS_URL": url}))
    shown += repr(Settings.from_environ({"SOTTO_OFFICE_URL": url})) + repr(ProcessVariables.of(DESK, NAMES))
    assert "hunter2" not in shown
    assert SECRET not in shown


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_setting_is_documented(name):
    """docs/settings.md has a row of the table for each variable."""
    assert f"| `{name}` |" in DOCUMENT
