"""The commands about accounts: making them, who is absent and who acts meanwhile, who can take a step."""

from __future__ import annotations

import datetime as dt
import sys

import click
from fachwerk.cli_common import DATABASE, DAY, tell_missing
from fachwerk.problems import say


@click.group()
def user() -> None:
    """The accounts that can sign in."""


@user.command("add")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="A role of the configuration (several allowed).")
@click.option("--full-name", help="The name that others see.")
@click.option("--email", default="", help="Where messages go.")
@click.option("--password", help="Asked for if not given; '-' reads it from standard input.")
@DATABASE
@click.pass_obj
def user_add(
    language: str, name: str, roles: tuple[str, ...], full_name: str | None, email: str, password: str | None, url: str
) -> None:
    """Make an account that signs in as NAME."""
    from fachwerk.engine.commands import add_user
    from fachwerk.engine.server.serving import run

    if password == "-":
        password = sys.stdin.readline().rstrip("\n")
    secret = password or _asked_password(language)
    run(lambda: add_user(url, name, full_name or name, roles, email, secret))
    text = {"en": f"{name} can sign in now.", "de": f"{name} kann sich jetzt anmelden."}
    click.secho(say(text, language), fg="green")


@user.command("list")
@DATABASE
@click.pass_obj
def user_list(language: str, url: str) -> None:
    """Show the accounts with their roles, and the steps for which there are too few people."""
    from fachwerk.engine.accounts_commands import listed_accounts
    from fachwerk.engine.server.serving import run

    lines, missing = run(lambda: listed_accounts(url, language))
    for line in lines:
        click.echo(line)
    tell_missing(missing, language)


@user.command("roles")
@click.argument("name")
@click.option("--role", "roles", multiple=True, help="A role of the configuration (several allowed); none: no role.")
@DATABASE
@click.pass_obj
def user_roles(language: str, name: str, roles: tuple[str, ...], url: str) -> None:
    """Give NAME exactly these roles, in the place of those held. Cases that wait for NAME go on where they may."""
    from fachwerk.engine.accounts_commands import give_roles
    from fachwerk.engine.server.serving import run

    missing = run(lambda: give_roles(url, name, roles))
    listed = ", ".join(roles) or {"en": "none", "de": "keine"}[language]
    text = {"en": f"Roles of {name}: {listed}", "de": f"Rollen von {name}: {listed}"}
    click.secho(say(text, language), fg="green")
    tell_missing(missing, language)


@user.command("close")
@click.argument("name")
@DATABASE
@click.pass_obj
def user_close(language: str, name: str, url: str) -> None:
    """Close the account NAME: nobody signs in with it, its sessions and API tokens end.

    Everything that NAME did stays as it is. Cases that wait for NAME go on where they may.
    """
    from fachwerk.engine.accounts_commands import set_active
    from fachwerk.engine.server.serving import run

    missing = run(lambda: set_active(url, name, False))
    text = {"en": f"The account {name} is closed.", "de": f"Das Konto {name} ist geschlossen."}
    click.secho(say(text, language), fg="green")
    tell_missing(missing, language)


@user.command("reopen")
@click.argument("name")
@DATABASE
@click.pass_obj
def user_reopen(language: str, name: str, url: str) -> None:
    """Open the account NAME again, with the roles it had."""
    from fachwerk.engine.accounts_commands import set_active
    from fachwerk.engine.server.serving import run

    run(lambda: set_active(url, name, True))
    text = {"en": f"{name} can sign in again.", "de": f"{name} kann sich wieder anmelden."}
    click.secho(say(text, language), fg="green")


def _asked_password(language: str) -> str:
    """Ask for a password, twice, until it was the same."""
    first = {"en": "Password", "de": "Passwort"}
    again = {"en": "The same again", "de": "Noch einmal dasselbe"}
    differ = {"en": "These were two different passwords.", "de": "Das waren zwei verschiedene Passwörter."}
    while True:
        typed = str(click.prompt(say(first, language), hide_input=True))
        if typed == click.prompt(say(again, language), hide_input=True):
            return typed
        click.echo(say(differ, language), err=True)


@user.command("absent")
@click.argument("name")
@click.option("--deputy", required=True, help="Who acts meanwhile: the sign-in name.")
@click.option("--from", "since", type=DAY, help="The first day, such as 2026-08-03 or 3.8.2026; today if not given.")
@click.option("--until", type=DAY, required=True, help="The last day.")
@click.option("--reason", default="", help="Why, for those who see the list.")
@DATABASE
@click.pass_obj
def user_absent(
    language: str, name: str, deputy: str, since: dt.date | None, until: dt.date, reason: str, url: str
) -> None:
    """Note that NAME is absent and who acts meanwhile: with the rights of NAME, and both of them named."""
    from fachwerk.engine.accounts_commands import enter
    from fachwerk.engine.server.serving import run

    run(lambda: enter(url, name, deputy, since, until, reason))
    text = {"en": f"{deputy} acts for {name}.", "de": f"{deputy} handelt für {name}."}
    click.secho(say(text, language), fg="green")


@user.command("absences")
@click.argument("name", required=False)
@DATABASE
@click.pass_obj
def user_absences(language: str, name: str | None, url: str) -> None:
    """Show who is absent from today on, and who acts meanwhile; of NAME alone, if given."""
    from fachwerk.engine.accounts_commands import listed
    from fachwerk.engine.server.serving import run

    for line in run(lambda: listed(url, name, language)):
        click.echo(line)


@user.command("present")
@click.argument("name")
@DATABASE
@click.pass_obj
def user_present(language: str, name: str, url: str) -> None:
    """End the absences of NAME at once, those to come, too."""
    from fachwerk.engine.accounts_commands import end
    from fachwerk.engine.server.serving import run

    count = run(lambda: end(url, name))
    text = {"en": f"Absences ended: {count}", "de": f"Beendete Abwesenheiten: {count}"}
    click.echo(say(text, language))


@user.command("can")
@click.argument("name")
@click.argument("action")
@click.argument("entity")
@click.argument("record")
@DATABASE
@click.pass_obj
def user_can(language: str, name: str, action: str, entity: str, record: str, url: str) -> None:
    """Say whether NAME can take the step ACTION of RECORD of ENTITY now, and why or why not.

    RECORD is its id, or words that find only it.
    Exit code 0: yes, in person or as a deputy; 1: no.
    """
    from fachwerk.engine.accounts_commands import can
    from fachwerk.engine.server.serving import run

    yes, lines = run(lambda: can(url, name, action, entity, record, language))
    for line in lines:
        click.echo(line)
    raise SystemExit(0 if yes else 1)


COMMANDS = (user,)
