"""The town that hostile people meet: the north star application with a few people and records, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from town import Town, open_town


@pytest.fixture(scope="module")
def town(module_database_url: str) -> Iterator[Town]:
    """A running application; the tests of a module share it."""
    with open_town(module_database_url) as opened:
        yield opened
