"""The forms that staff fill in; Flask-WTF gives each a token against other sites. Respondents get no such form."""

from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Name and password; both are bounded, so that no long password keeps argon2 busy."""

    name = StringField(validators=[InputRequired(), Length(max=32)])
    password = PasswordField(validators=[InputRequired(), Length(max=256)])
    submit = SubmitField()


class SignOutForm(FlaskForm):  # type: ignore[misc]
    """Nothing but the token: signing out changes something, so it is never a link."""
