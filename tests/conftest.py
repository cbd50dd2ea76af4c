"""What all tests share: fresh databases of both kinds.

``database_url`` runs a test once on SQLite and once on PostgreSQL; ``postgres_url`` and ``sqlite_url`` give
one of them. The same with ``module_`` or ``session_`` in front lives that long. All are empty databases.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent / "support"))
os.environ.setdefault("FACHWERK_KEY", "a key for tests")  # without it PostgreSQL takes no configuration with secrets

import postgres

# How busy the machine is decides no test.
settings.register_profile("fachwerk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fachwerk")

_HOME = pytest.StashKey[Path]()
_OWNER = pytest.StashKey[IO[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """The run's main process owns the directory of the cluster; workers are told where it is."""
    told = getattr(config, "workerinput", {}).get("postgres_home")
    if told:
        config.stash[_HOME] = Path(told)
    else:
        config.stash[_HOME], config.stash[_OWNER] = postgres.make_home()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a worker of pytest-xdist where the cluster is."""
    node.workerinput["postgres_home"] = str(node.config.stash[_HOME])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the cluster at the end of the run."""
    if _OWNER in config.stash:
        postgres.remove(config.stash[_HOME])
        config.stash[_OWNER].close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly how much was left out for want of PostgreSQL."""
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = [report for report in skipped if postgres.LEFT_OUT in str(report.longrepr)]
    if left_out:
        terminalreporter.section("POSTGRESQL WAS LEFT OUT", red=True, bold=True)
        terminalreporter.line(
            f"{len(left_out)} tests did not run, because no PostgreSQL server programs were found in "
            "/usr/lib/postgresql/*/bin or on PATH. This run proves nothing about PostgreSQL.",
            red=True,
        )


def _databases(config: pytest.Config) -> Iterator[str]:
    try:
        server = postgres.start(config.stash[_HOME])
    except postgres.NoPostgres as absent:
        if os.environ.get("FACHWERK_REQUIRE_POSTGRES"):
            raise
        pytest.skip(str(absent))
    with server.database() as url:
        yield url


@pytest.fixture
def postgres_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    yield from _databases(pytestconfig)


@pytest.fixture(scope="module")
def module_postgres_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of a PostgreSQL database that the tests of one module share."""
    yield from _databases(pytestconfig)


@pytest.fixture(scope="session")
def session_postgres_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of a PostgreSQL database that all tests of one worker share."""
    yield from _databases(pytestconfig)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'fachwerk.db'}"


@pytest.fixture(scope="module")
def module_sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of an SQLite file that the tests of one module share."""
    return f"sqlite:///{tmp_path_factory.mktemp('module') / 'fachwerk.db'}"


@pytest.fixture(scope="session")
def session_sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of an SQLite file that all tests of one worker share."""
    return f"sqlite:///{tmp_path_factory.mktemp('session') / 'fachwerk.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def module_database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database that the tests of one module share, once of each kind."""
    return str(request.getfixturevalue(f"module_{request.param}_url"))


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def session_database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database that all tests of one worker share, once of each kind."""
    return str(request.getfixturevalue(f"session_{request.param}_url"))
