"""The kit: the parts that reading and writing share, made once for an app."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.access import Access, Rights
from fachwerk.engine.asked import Asked
from fachwerk.engine.compile import App
from fachwerk.engine.context import Context, Mine, context_of
from fachwerk.engine.database import Connection
from fachwerk.engine.deputies import Deputies
from fachwerk.engine.effects import Effects
from fachwerk.engine.events import Events
from fachwerk.engine.files import Files
from fachwerk.engine.finding import Finder
from fachwerk.engine.history import History
from fachwerk.engine.keyed import among, keys_parameter, render_by_keys
from fachwerk.engine.keys import Keys
from fachwerk.engine.letters.making import Press
from fachwerk.engine.parents import Parents
from fachwerk.engine.reading import Reader
from fachwerk.engine.rollups import Rollups
from fachwerk.engine.sequences import Sequences
from fachwerk.engine.statements import Statement, render
from fachwerk.engine.store import Store
from fachwerk.engine.translation import Translation
from fachwerk.engine.trees import TreeStatements
from fachwerk.engine.values import Person
from fachwerk.engine.work.contents import Contents

Clock = Callable[[], dt.datetime]
MOST_READERS = 1000


class Kit:
    """Everything compiled that a request uses; readers and finders are made when first asked for, and kept."""

    def __init__(self, app: App, keys: Keys, clock: Clock) -> None:
        self.app = app
        self.keys = keys
        self.clock = clock
        self.access = Access(app)
        self.translation = Translation(app)
        self.stores = {name: Store(app, entity) for name, entity in app.entities.items()}
        self.rollups = Rollups(app, self.stores)
        self.parents = Parents(app)
        self.asked = Asked(app)
        self.history = History(app)
        self.effects = Effects(app)
        self.sequences = Sequences(app)
        self.files = Files(app)
        self.mine = Mine(app)
        self.contents = Contents(app, self.mine)
        self.press = Press()
        self.events = Events(app, self.effects)
        self.deputies = Deputies(app)
        self._finders: dict[tuple[frozenset[str], str, frozenset[str] | None], Finder] = {}
        self._readable: dict[tuple[frozenset[str], str], Statement] = {}
        self._user_exists: Statement | None = None
        self._trees: dict[str, TreeStatements] = {}

    def context(self, who: Person | None) -> Context:
        """Return the surroundings of rules for *who* at this moment."""
        return context_of(self.app, who, self.clock())

    def finder(self, roles: frozenset[str], entity: str, only: frozenset[str] | None = None) -> Finder:
        """Return what finds records of *entity* for holders of *roles*, with all fields or *only* some."""
        key = (roles, entity, only)
        finder = self._finders.get(key)
        if finder is None:
            if len(self._finders) > MOST_READERS:
                self._finders.pop(next(iter(self._finders)))
            reader = Reader(self.app, self.access, self.translation, entity, roles, only)
            finder = self._finders[key] = Finder(reader)
        return finder

    async def readable(
        self, connection: Connection, rights: Rights, roles: frozenset[str], keys: list[str], context: Context
    ) -> set[str]:
        """Return which of the records *keys* may be read."""
        name = (roles, rights.entity)
        statement = self._readable.get(name)
        if statement is None:
            table = self.app.tables.of(rights.entity)
            select = sa.select(table.c.id).where(among(table.c.id, "keys", self.app.dialect))
            condition = self.access.condition(rights, table, self.translation)
            select = select if condition is None else select.where(condition)
            statement = self._readable[name] = render_by_keys(select, self.app.dialect)
        parameters = self.translation.parameters(context) | {"keys": keys_parameter(keys, self.app.dialect)}
        return {row[0] for row in await statement.fetch(connection, parameters)}

    def user_exists(self) -> Statement:
        """Return the statement that finds users by their ids."""
        if self._user_exists is None:
            table = self.app.tables.metadata.tables["fw_user"]
            statement: Any = sa.select(table.c.id).where(among(table.c.id, "keys", self.app.dialect))
            self._user_exists = render(statement, self.app.dialect)
        return self._user_exists

    def tree(self, entity: str) -> TreeStatements:
        """Return the statements that keep the paths of a tree."""
        made = self._trees.get(entity)
        if made is None:
            made = self._trees[entity] = TreeStatements(self.app.tables.of(entity), self.app.dialect)
        return made
