"""`sotto user`: people of the desk, by name."""

import sys

import click

from survey.commands.console import JSON, print_result, settings
from survey.office_db.people.role import Role

# ruff: noqa: PLC0415 - commands import what they need when they run

ROLES = click.Choice([role.value for role in Role])
ROLE = click.option("--role", type=ROLES, default=Role.OWNER.value, show_default=True, help="What they are.")
STUDIES = click.option("--study", "studies", multiple=True, help="Only in this study; can be given again.")
DESK = click.option("--desk", default="", help="The desk's address, as https://desk.example, for a whole link.")


@click.group()
def user() -> None:
    """Staff accounts of the desk."""


@user.command("add")
@click.argument("name")
@ROLE
@STUDIES
@DESK
@click.option("--password", help="Set this password, without a second factor, and make no link.")
@click.option("--password-stdin", is_flag=True, help="Read that password as one line of standard input.")
def user_add(
    *, name: str, role: str, studies: tuple[str, ...], desk: str, password: str | None, password_stdin: bool
) -> None:
    """Add a person to the desk, and print the link for their first sign-in: it works once, for three days.

    \b
    Example: sotto user add mei --role researcher --study q26 --desk https://desk.example
    """
    host_settings = settings()
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    from survey.operations.staff import add_user, invite_user

    if password is None:
        _print_link(name, desk, invite_user(host_settings, name, Role(role), studies))
    else:
        add_user(host_settings, name, password, Role(role), studies)
        click.echo(f"{name} can log in to the desk.")


@user.command("list")
@JSON
def user_list(*, as_json: bool) -> None:
    """List people, their roles, and by which means they sign in.

    \b
    Example: sotto user list
    """
    host_settings = settings()
    from survey.operations.staff import list_users

    people = list_users(host_settings)
    rows = [
        {
            "name": one.name,
            "active": one.active,
            "since": one.since.isoformat(),
            "roles": one.roles,
            "means": one.means,
        }
        for one in people
    ]
    print_result({"people": rows}, "\n".join(one.line for one in people) or "There is nobody yet.", as_json=as_json)


@user.command("role")
@click.argument("name")
@click.argument("role", type=ROLES)
@STUDIES
def user_role(*, name: str, role: str, studies: tuple[str, ...]) -> None:
    """Give a person another role, in place of those that they have.

    \b
    Example: sotto user role mei fieldworker --study q26
    """
    host_settings = settings()
    from survey.operations.staff import give_role

    give_role(host_settings, name, Role(role), studies)
    click.echo(f"{name} is {role} of {', '.join(studies) or 'every study'}.")


@user.command("confirm")
@click.argument("name")
@click.argument("code")
def user_confirm(*, name: str, code: str) -> None:
    """Confirm a passkey, so that what it signs may be carried out; its person reads the code from My account.

    \b
    Example: sotto user confirm mei k3fa-9q2p-x7md-w4ta
    """
    host_settings = settings()
    from survey.operations.staff import confirm_passkey

    passkey = confirm_passkey(host_settings, name, code)
    click.echo(f"The passkey of {name} called {passkey.label!r}, since {passkey.since}, is confirmed.")


@user.command("disable")
@click.argument("name")
def user_disable(*, name: str) -> None:
    """Close a staff account and end its sessions.

    \b
    Example: sotto user disable mei
    """
    host_settings = settings()
    from survey.operations.staff import disable_user

    disable_user(host_settings, name)
    click.echo(f"{name} can log in no more.")


@user.command("enable")
@click.argument("name")
def user_enable(*, name: str) -> None:
    """Open a closed account again, with the means of signing in that it had.

    \b
    Example: sotto user enable mei
    """
    host_settings = settings()
    from survey.operations.staff import enable_user

    enable_user(host_settings, name)
    click.echo(f"{name} can log in again.")


@user.command("reset")
@click.argument("name")
@DESK
def user_reset(*, name: str, desk: str) -> None:
    """Take every means of signing in from a person, end their sessions, and print a new link.

    \b
    Example: sotto user reset mei --desk https://desk.example
    """
    host_settings = settings()
    from survey.operations.staff import reset_user

    _print_link(name, desk, reset_user(host_settings, name))


def _print_link(name: str, desk: str, token: str) -> None:
    where = "" if desk else " (behind the desk's address)"
    click.echo(f"{name} signs in for the first time here{where}, once, within three days:")
    click.echo(f"{desk.rstrip('/')}/welcome/{token}")
    click.echo("Whoever opens the link first is this person to the desk: hand it over where nobody else reads it.")
