"""Environments: names for databases in ``fachwerk.toml`` beside the configuration, without secrets.

[environments.test]
database = "postgresql://fachwerk@db.example.org/test"

[environments.production]
variable = "PRODUCTION_DATABASE"
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from fachwerk.problems import Refused, Text, nearest

FILE = "fachwerk.toml"
VARIABLE = "FACHWERK_DATABASE"
DEFAULT = "sqlite:///fachwerk.db"


def database_of(folder: Path, to: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """Return the URL of a database: *to* is a URL or a name in ``fachwerk.toml``; without it the variable decides.

    Raises :class:`Refused` for a name that is not there, a variable that is not set, or a password in the file.
    """
    if to is not None and "://" in to:
        return to
    folder = folder if folder.is_dir() else folder.parent
    known = _environments(folder)
    if to is None:
        if VARIABLE in environment:
            return environment[VARIABLE]
        return _url("dev", known["dev"], environment) if "dev" in known else DEFAULT
    if to not in known:
        raise Refused("no_environment", _no_environment(to, tuple(known), folder), status=404)
    return _url(to, known[to], environment)


def _environments(folder: Path) -> dict[str, Mapping[str, object]]:
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")).get("environments", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused("bad_toml", _bad(str(error))) from error
    wrong = [name for name, one in found.items() if not isinstance(one, dict) or not _is_right(one)]
    if wrong:
        raise Refused("bad_toml", _bad(f'environments.{wrong[0]}: database = "URL" / variable = "NAME"'))
    return dict(found)


def _is_right(one: Mapping[str, object]) -> bool:
    return len(one) == 1 and set(one) <= {"database", "variable"} and all(isinstance(v, str) for v in one.values())


def _url(name: str, one: Mapping[str, object], environment: Mapping[str, str]) -> str:
    if "variable" in one:
        variable = str(one["variable"])
        if not environment.get(variable):
            raise Refused("no_variable", _no_variable(name, variable))
        return environment[variable]
    url = str(one["database"])
    if urlsplit(url).password:
        raise Refused("secret_in_file", _secret(name))
    return url


def _no_environment(name: str, known: tuple[str, ...], folder: Path) -> Text:
    if name.endswith((".db", ".sqlite", ".sqlite3")) or "/" in name:
        return {
            "en": f"{name} is no environment. For a file of SQLite write: --to sqlite:///{name}",
            "de": f"{name} ist keine Umgebung. Für eine Datei von SQLite schreiben Sie: --to sqlite:///{name}",
        }
    if not known:
        return {language: text.format(name=name, file=folder / FILE) for language, text in _NO_FILE.items()}
    guess, listed = nearest(name, known), ", ".join(known)
    return {
        "en": f"There is no environment {name} in {FILE}. "
        + (f"Did you mean {guess}?" if guess else f"There are: {listed}."),
        "de": f"Es gibt keine Umgebung {name} in {FILE}. "
        + (f"Meinten Sie {guess}?" if guess else f"Es gibt: {listed}."),
    }


_NO_FILE: Text = {
    "en": "There is no environment {name}: no environments are written in {file}. Write there:\n\n"
    '  [environments.{name}]\n  database = "postgresql://USER@HOST/NAME"    # or sqlite:///FILE\n\n'
    "or name the database itself: --to sqlite:///FILE, --to postgresql://USER@HOST/NAME.",
    "de": "Es gibt keine Umgebung {name}: in {file} stehen keine Umgebungen. Schreiben Sie dort:\n\n"
    '  [environments.{name}]\n  database = "postgresql://BENUTZER@HOST/NAME"    # oder sqlite:///DATEI\n\n'
    "oder nennen Sie die Datenbank selbst: --to sqlite:///DATEI, --to postgresql://BENUTZER@HOST/NAME.",
}


def _no_variable(name: str, variable: str) -> Text:
    return {
        "en": f"The environment {name} takes its database from the variable {variable}, which is not set.",
        "de": f"Die Umgebung {name} nimmt ihre Datenbank aus der Variablen {variable}; die ist nicht gesetzt.",
    }


def _secret(name: str) -> Text:
    return {
        "en": f'{FILE} holds a password (environment {name}). Write variable = "NAME" and set the variable instead.',
        "de": f'In {FILE} steht ein Passwort (Umgebung {name}). Stattdessen variable = "NAME" schreiben.',
    }


def _bad(what: str) -> Text:
    return {"en": f"{FILE} cannot be read: {what}", "de": f"{FILE} ist nicht lesbar: {what}"}
