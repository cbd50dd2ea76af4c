"""What an operator may set of the server: hosts, https, limits and times. Everything has a safe default.

Made by ``engine.main`` from the environment and the command line; handed to :func:`build_server`. Nothing else of the
server reads the environment.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one server. Sizes are bytes, times are seconds."""

    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    """Names by which the server answers, without port; ``.example.org``: all below it, ``*``: any."""
    https: bool = False
    """Whether people reach the server by https: cookies become Secure and HSTS is sent."""
    max_headers: int = 32_768
    max_header_count: int = 100
    max_path: int = 2_048
    max_query: int = 8_192
    max_parameters: int = 100
    max_json: int = 1_000_000
    max_form: int = 2_000_000
    max_form_fields: int = 5_000
    max_files: int = 50
    max_upload: int = 100_000_000
    """All files of one request together, whatever the fields allow."""
    body_seconds: float = 30.0
    """How long a client may take for each part of a body, and how long for the whole at 60 times that."""
    request_seconds: float = 60.0
    """How long the work for one request may take once its body is there."""
    session_seconds: int = 12 * 3600
    """A session ends this long after its last use."""
    session_longest_seconds: int = 7 * 24 * 3600
    """A session ends this long after the sign-in, however often it is used."""
    identity_cache_seconds: float = 5.0
    """For how long a signed-in person, with roles, is remembered without asking the database again."""
    sign_in_failures: int = 10
    """Wrong passwords for one account within *sign_in_window* before it has to wait."""
    sign_in_failures_address: int = 60
    """The same for one network address, whichever accounts it tries."""
    sign_up_per_address: int = 20
    sign_in_window: float = 900.0
    password_min_length: int = 10
    password_max_length: int = 256
    password_memory_kib: int = 19_456
    password_rounds: int = 2
    password_parallel: int = 4
    """How many passwords are verified at once; the others wait. Bounds the memory that sign-ins can take."""
    development: bool = False
    """Reload the browser when the configuration changes (``fachwerk dev``)."""

    @property
    def session_cookie(self) -> str:
        """The name of the session's cookie; by https one that browsers accept from this host alone."""
        return "__Host-fw_session" if self.https else "fw_session"

    @property
    def visit_cookie(self) -> str:
        """The name of the cookie that binds the forms of people who are not signed in."""
        return "__Host-fw_visit" if self.https else "fw_visit"
