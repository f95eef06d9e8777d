"""What the applications say of an error: every class has its answer, and who starts one learns why it cannot start."""

import pytest

from crypto.errors import SottoError
from survey.admission import respond_resources
from survey.answers_db.store_errors import StoreError, WaveClosedError, WorkSpentError
from survey.issuer_app import views as issuer
from survey.office_db.invitations import InvitationError
from survey.plain_form import form
from survey.publication.folder import PublishedError
from survey.web.factory import CANNOT_START, app_from_environ

CANARY = "canary-7731"


def kinds(base):
    """Return all classes below `base`."""
    return {one for kind in base.__subclasses__() for one in (kind, *kinds(kind))}


def test_every_error_of_the_store_has_its_answer():
    """No error of the answers database is without a status and a sentence on the phone's page, or in the form."""
    assert kinds(StoreError) == set(respond_resources.REFUSALS)
    # The form says itself that a wave is closed, and takes no proof of work.
    assert kinds(StoreError) == {*form.TRY_AGAIN, WaveClosedError, WorkSpentError}


def test_every_refused_invitation_has_its_answer():
    """No reason for which a token is refused is without a status and a sentence."""
    assert kinds(InvitationError) == set(issuer.REFUSALS)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PublishedError("studies/q26.json is broken"), "sotto: studies/q26.json is broken\n"),
        (SottoError(CANARY), "sotto: SottoError\n"),
    ],
)
def test_an_application_that_cannot_start_says_why(error, message, capsys, monkeypatch, tmp_path):
    """Any error of ours ends the process with one line: the text where its class lets that be shown, else its name."""

    def fail(_settings):
        raise error

    monkeypatch.setenv("SOTTO_HOME", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        app_from_environ(fail)
    assert (CANNOT_START, message) == (ended.value.code, capsys.readouterr().err)


def test_a_fault_at_the_start_stays_a_fault(monkeypatch, tmp_path):
    """The control: what is no error of ours is not swallowed."""

    def fail(_settings):
        raise KeyError(CANARY)

    monkeypatch.setenv("SOTTO_HOME", str(tmp_path))
    with pytest.raises(KeyError):
        app_from_environ(fail)
