"""The forms of the desk by which people sign in and change how they do; every field is bounded."""

from flask_wtf import FlaskForm  # type: ignore[import-untyped]  # it has no types
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from survey.office_db.people.passkeys import LONGEST_LABEL
from survey.office_db.people.passwords import LONGEST_PASSWORD

LONGEST_NAME = 32
LONGEST_CREDENTIAL = 8192
"""Characters: what devices send for a new passkey without attestation is under 2,000."""
LONGEST_CODE = 40
"""Characters: a recovery code with its hyphens has 29, and some type spaces around."""
_PASSWORD = (InputRequired(), Length(max=LONGEST_PASSWORD))
"""Bounded, so that no long password keeps argon2 busy."""
_CODE = (InputRequired(), Length(max=LONGEST_CODE))


class CheckedForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Only the CSRF token, for what a press on a button does."""


class SignInForm(CheckedForm):
    """Name, password and code; who has no authenticator app leaves the code empty."""

    name = StringField(validators=[InputRequired(), Length(max=LONGEST_NAME)])
    password = PasswordField(validators=_PASSWORD)
    code = StringField(validators=[Length(max=LONGEST_CODE)])


class FirstForm(CheckedForm):
    """The first password, twice, and the code of the app that was set up."""

    password = PasswordField(validators=_PASSWORD)
    again = PasswordField(validators=_PASSWORD)
    code = StringField(validators=_CODE)


class PasswordForm(CheckedForm):
    """A new password, twice, after the present one."""

    present = PasswordField(validators=[Length(max=LONGEST_PASSWORD)])
    password = PasswordField(validators=_PASSWORD)
    again = PasswordField(validators=_PASSWORD)


class CodesForm(CheckedForm):
    """The code of the app that was set up anew, after the present password."""

    present = PasswordField(validators=[Length(max=LONGEST_PASSWORD)])
    code = StringField(validators=_CODE)


class PresentForm(CheckedForm):
    """The present password alone."""

    present = PasswordField(validators=[Length(max=LONGEST_PASSWORD)])


class SignedForm(CheckedForm):
    """What a browser sent for a passkey, as JSON."""

    credential = HiddenField(validators=[InputRequired(), Length(max=LONGEST_CREDENTIAL)])


class FirstPasskeyForm(SignedForm):
    """A passkey at the first sign-in, and what its person calls it."""

    label = StringField(validators=[InputRequired(), Length(max=LONGEST_LABEL)])


class PasskeyForm(FirstPasskeyForm):
    """One more passkey, after the present password."""

    present = PasswordField(validators=[Length(max=LONGEST_PASSWORD)])


class RemovalForm(PresentForm):
    """The passkey to remove, after the present password."""

    passkey = HiddenField(validators=[InputRequired(), Length(max=LONGEST_CREDENTIAL)])
