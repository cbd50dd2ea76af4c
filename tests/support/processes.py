"""The product in processes of its own: commands as somebody types them, a server, and a client that has signed in."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import httpx2

SECRET = "a long enough secret"
_COMMAND = (sys.executable, "-u", "-m", "fachwerk.cli")


def typed(*words: str) -> None:
    """Run a command."""
    done = subprocess.run([*_COMMAND, *words], capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr.decode()


def add_carl(url: str) -> None:
    """Make an account for Carl, a clerk, who signs in with :data:`SECRET`."""
    typed("user", "add", "carl", "--role", "clerk", "--password", SECRET, "--database", url)


@contextmanager
def served(url: str) -> Iterator[str]:
    """Serve a database; gives the address."""
    process = subprocess.Popen(
        [*_COMMAND, "serve", "--database", url, "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close() if process.stdout else None


def hidden(page: str) -> dict[str, str]:
    """Return what a form sends without anybody typing."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def csrf(page: str) -> str:
    """Return the token of a form."""
    found = re.search(r'name="_csrf" value="([^"]+)"', page)
    assert found is not None, page[:500]
    return found[1]


def signed_in(address: str) -> httpx2.Client:
    """Return a client that has signed in as Carl."""
    client = httpx2.Client(base_url=address, follow_redirects=True, timeout=60, headers={"accept-language": "en"})
    page = client.get("/sign-in").text
    client.post("/sign-in", data={"_csrf": csrf(page), "name": "carl", "password": SECRET})
    return client
