"""The environment is read once, strictly, and shown nowhere."""

import pytest
from paths import ROOT

from survey.settings import NAMES, Settings, SettingsError

DOCUMENT = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
SECRET = "k" * 32


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
        ({"SOTTO_SECRET_KEY": "short"}, "SOTTO_SECRET_KEY"),
        ({"SOTTO_SECRET_KEY": SECRET, "SOTTO_SECRET_KEY_FILE": "x"}, "not both"),
        ({"SOTTO_SECRET_KEY_FILE": "/nowhere/at/all"}, "SOTTO_SECRET_KEY_FILE"),
        ({"SOTTO_INSECURE_COOKIES": "yes"}, "SOTTO_INSECURE_COOKIES"),
        ({"SOTTO_INSECURE_COOKIES": "1", "SOTTO_HOSTS": "survey.example"}, "this machine only"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(environ, named):
    """Each wrong setting stops the start with a message that names it and not its value."""
    with pytest.raises(SettingsError, match=named) as caught:
        Settings.from_environ(environ)
    assert SECRET not in str(caught.value)


def test_the_desk_has_no_default_secret():
    """Without a secret the desk's settings refuse, naming both variables."""
    with pytest.raises(SettingsError, match="SOTTO_SECRET_KEY or SOTTO_SECRET_KEY_FILE"):
        _ = Settings.from_environ({}).required_secret_key


def test_a_secret_may_come_from_a_file(tmp_path):
    """The file's text without its line end is the secret."""
    (tmp_path / "secret").write_text(SECRET + "\n", encoding="ascii")
    assert Settings.from_environ({"SOTTO_SECRET_KEY_FILE": str(tmp_path / "secret")}).required_secret_key == SECRET


def test_secrets_are_not_shown():
    """The repr has neither the secret nor a database address, which may hold a password."""
    url = "postgresql+psycopg://sotto_desk:hunter2@/office"
    shown = repr(Settings.from_environ({"SOTTO_SECRET_KEY": SECRET, "SOTTO_OFFICE_URL": url}))
    assert "hunter2" not in shown
    assert SECRET not in shown


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_setting_is_documented(name):
    """docs/settings.md has a row of the table for each variable."""
    assert f"| `{name}` |" in DOCUMENT
