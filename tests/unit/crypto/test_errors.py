"""Every exception of ours has the one root, and says with what a command ends and whether its text may be shown."""

import importlib
import inspect
import pkgutil
import re

import pytest
from paths import ROOT

import analysis
import crypto
import survey
from crypto.envelope import EnvelopeError
from crypto.errors import ExitCode, RefusedError, SottoError, has_public_text, public_text
from crypto.invitation_codes import CodeError
from crypto.seed import SeedError
from crypto.tokens import TokenError
from crypto.withdrawal import WithdrawalError
from crypto.word_codes import CodeWordsError
from survey.admission.admission import NotOfThisStudyError
from survey.admission.proof_of_work import WorkError
from survey.office_db.invitations import InvitationError
from survey.plain_form.fields import FormRefusedError
from survey.plain_form.sealing import PlainFormError
from survey.questionnaire.indicators import DerivedError
from survey.questionnaire.payload import PayloadError
from survey.questionnaire.randomised_response import RandomiseError

ABOUT_ONE_PERSON = (
    CodeError,
    CodeWordsError,
    DerivedError,
    EnvelopeError,
    FormRefusedError,
    InvitationError,
    NotOfThisStudyError,
    PayloadError,
    PlainFormError,
    RandomiseError,
    SeedError,
    TokenError,
    WithdrawalError,
    WorkError,
)
"""What is raised over an answer, a code, a token, a seed, or bytes that a stranger sent."""


def exceptions():
    """Return every exception class that a module of the three packages defines."""
    names = [
        module.name
        for package in (analysis, crypto, survey)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    members = [(name, one) for name in names for _, one in inspect.getmembers(importlib.import_module(name))]
    return sorted(
        {
            one
            for name, one in members
            if inspect.isclass(one) and issubclass(one, BaseException) and one.__module__ == name
        },
        key=lambda one: one.__qualname__,
    )


def test_every_exception_has_the_one_root():
    """No class that we define is an exception without SottoError among its bases; the walk sees a hundred of them."""
    error_classes = exceptions()
    assert [] == [one for one in error_classes if not issubclass(one, SottoError)]
    assert 100 < len(error_classes)


def test_every_name_ends_in_error():
    """No exception has a name by which nobody sees that it is one."""
    assert [] == [one.__qualname__ for one in exceptions() if not one.__name__.endswith("Error")]


def test_exit_codes_are_those_of_the_manual():
    """The codes that exist are the ones that docs/commands.md lists, and a class ends with one that means a failure."""
    manual = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    line = next(line for line in manual.splitlines() if line.startswith("Exit codes:"))
    assert [int(code) for code in re.findall(r"(?:: |· )(\d+)", line)] == [int(code) for code in ExitCode]
    assert {one.exit_code for one in exceptions()} == {ExitCode.STOPPED, ExitCode.REFUSED, ExitCode.BUDGET}


def test_only_the_bases_say_what_may_be_shown():
    """Every class of ours takes its exit code and whether its text may be shown from a base in crypto/errors.py."""
    own = [one for one in exceptions() if {"exit_code", "text_is_public"} & set(vars(one))]
    assert {"crypto.errors"} == {one.__module__ for one in own}


def test_a_refusal_gives_its_reason():
    """Exit codes 3 and 4 promise a reason, so no class ends with one and hides its text."""
    mute = [
        one for one in exceptions() if one.exit_code in {ExitCode.REFUSED, ExitCode.BUDGET} and not one.text_is_public
    ]
    assert [] == mute


def test_what_is_raised_over_one_person_is_never_shown():
    """Neither these classes nor any that derives from one lets its text be shown."""
    assert [] == [one for one in exceptions() if issubclass(one, ABOUT_ONE_PERSON) and one.text_is_public]


@pytest.mark.parametrize(
    ("error", "shown", "text"),
    [
        (RefusedError("give another name"), True, "give another name"),
        (CodeWordsError("canary"), False, "CodeWordsError"),
        (SottoError("canary"), False, "SottoError"),
        (ValueError("canary"), False, "ValueError"),
    ],
)
def test_only_what_a_class_allows_is_public(error, shown, text):
    """Of ours the text where the class allows it; of every other error, and by default of ours, the name alone."""
    assert (shown, text) == (has_public_text(error), public_text(error))
