"""Effects on rules of records: rows that break a new or changed check, limit, form, option or rule of links.

What SQL can say chooses the rows (a filter is true exactly where its rule is true); each of the rest is judged by the
same functions that judge a record when it is saved. Rules that ask who acts cannot be judged without somebody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from fachwerk.engine.compile import Asked, CompiledCheck, CompiledEntity
from fachwerk.engine.context import Context
from fachwerk.engine.convert import empty, to_rule
from fachwerk.engine.judging import NOT_AN_OPTION, REQUIRED, is_broken, message_over
from fachwerk.engine.linking import NOT_FITTING
from fachwerk.engine.plan.batches import batches
from fachwerk.engine.plan.counting import Counting, both, number
from fachwerk.engine.plan.editing import Editing
from fachwerk.engine.plan.making import MOST_EXAMPLES
from fachwerk.engine.shapes import Needs, Shape, merged
from fachwerk.engine.translation import Translation
from fachwerk.problems import Text
from fachwerk.rules.to_sql import NotTranslatable
from fachwerk.schemas.kinds import Invalid, handler
from fachwerk.schemas.model import Entity, Field, Rule
from fachwerk.schemas.tables import has_column

Record = Mapping[str, Any]
Judge = Callable[[Record, Context], Text | None]
TEXTS = frozenset(("text", "long_text", "rich_text", "email", "phone", "url", "iban", "color"))
HIDDEN: Text = {"en": "is hidden", "de": "ist verborgen"}
LISTS = frozenset(("rows", "links", "choices", "files", "images"))


@dataclass(slots=True)
class Item:
    """A rule to be judged over all rows of a new entity; *where* leaves out rows that cannot break it."""

    of: Any
    name: str
    kind: str
    what: tuple[str, str]
    """What is broken, in words (English, German)."""
    shape: Shape
    judge: Judge
    where: Any = None
    broken: int = 0
    editable: int = 0
    examples: list[tuple[str, Text]] = field(default_factory=list)


async def count_rules(counting: Counting) -> None:
    """Note the rows that break rules which are new, changed, or judge other values than before."""
    for old, new in counting.pairing.entities():
        if not counting.rows[old.name]:
            continue
        items = list(Finder(counting, old, new).items())
        if items:
            await _judge_all(counting, new, items)
            for item in items:
                await _say(counting, old, item)


async def _say(counting: Counting, old: Entity, item: Item) -> None:
    if not item.broken:
        return
    total = counting.rows[old.name]
    (english, german), (open_en, open_de) = both(item.broken), both(item.editable)
    parent = old.parent is not None
    can = "" if parent else f"; {open_en} of them can still be edited"
    kann = "" if parent else f"; {open_de} davon lassen sich noch ändern"
    label = counting.pairing.after[counting.pairing.renamed(old.name) or old.name].plural
    names = [label.get("en", old.name), label.get("de", label.get("en", old.name))]
    counting.add(
        counting.change(item.of, item.name), item.kind, item.broken, total,
        en=f"{english} of {number(total, 'en')} {names[0][:1].lower()}{names[0][1:]} {item.what[0]}{can}",
        de=f"{german} von {number(total, 'de')} {names[1]} {item.what[1]}{kann}",
        examples=await counting.examples(old.name, item.examples),
    )  # fmt: skip


async def _judge_all(counting: Counting, new: Entity, items: Sequence[Item]) -> None:
    """Judge all items: those without a filter in one pass, each of the others over the rows that it may concern."""
    editing = await Editing.of(counting, new)
    await _pass(counting, new, [item for item in items if item.where is None], editing)
    for item in items:
        if item.where is not None:
            await _pass(counting, new, [item], editing)


async def _pass(counting: Counting, new: Entity, items: Sequence[Item], editing: Editing) -> None:
    if not items:
        return
    ahead = counting.ahead
    shape = merged(*(item.shape for item in items))
    parameters = Translation(ahead.app).parameters(ahead.context)
    table = ahead.app.tables.of(new.name)
    async for ids in batches(counting.connection, table, ahead.old.dialect, items[0].where, parameters):
        records = await ahead.app.loader.by_ids(counting.connection, new.name, shape, ids, ahead.context)
        broken: dict[int, list[str]] = {}
        for key in ids:
            for place, item in enumerate(items):
                reason = item.judge(records[key], ahead.context)
                if reason is not None:
                    broken.setdefault(place, []).append(key)
                    item.broken += 1
                    if len(item.examples) < MOST_EXAMPLES:
                        item.examples.append((key, reason))
        for place, keys in broken.items():
            items[place].editable += await editing.count(keys)


class Finder:
    """Finds what has to be judged for one entity."""

    def __init__(self, counting: Counting, old: Entity, new: Entity) -> None:
        self.counting, self.old, self.new = counting, old, new
        self.same = counting.same
        self.compiled: CompiledEntity = counting.ahead.app.compiled(new.name)
        self.table = counting.ahead.app.tables.of(new.name)
        self.was = counting.pairing.fields(new.name)
        self.place = counting.ahead.app.place
        self._translation = Translation(counting.ahead.app)

    def items(self) -> Iterator[Item]:
        """Give everything that may break on rows that were right before."""
        for number_, check in enumerate(self.compiled.checks):
            yield from self._check(number_, check)
        for made in self.new.fields.values():
            if made.system or made.computed is not None or made.kind == "back_links":
                continue
            yield from self._hidden(made)
            yield from self._required(made)
            yield from self._limits(made)
            yield from self._form(made)
            yield from self._options(made)
            yield from self._where(made)

    def touched(self, made: Field) -> bool:
        """Whether stored values of a field differ by more than its name."""
        return (self.new.name, made.name) in self.same.touched

    def same_rule(self, new: Rule | None, old: Rule | None) -> bool:
        return self.same.is_same(self.new.name, new, old)

    def _where_not(self, rule: Rule) -> Any:
        """Return the condition of rows for which a rule is not true, where SQL can say it."""
        try:
            holds = self._translation.condition(rule.checked, self.new.name, self.table)
        except NotTranslatable:
            return None
        return sa.case((holds, 1), else_=0) == 0

    def _check(self, position: int, check: CompiledCheck) -> Iterator[Item]:
        that = check.check.that
        if asks_who(check.asked.needs, that) or any(self.same_rule(that, was.that) for was in self.old.checks):
            return
        messages = [part for parts in check.message.values() for part in parts if isinstance(part, Asked)]
        needs = [check.asked.needs.record, *(part.needs.record for part in messages)]

        def judge(record: Record, context: Context) -> Text | None:
            return message_over(check, record, context) if is_broken(check, record, context) else None

        name = f"{self.new.name}.{check.check.on or position + 1}"
        what = ("break the new rule", "verletzen die neue Regel")
        yield Item("check", name, "breaks_check", what, merged(*needs), judge, self._where_not(that))

    def _required(self, made: Field) -> Iterator[Item]:
        was = self.was.get(made.name)
        shown = self.compiled.visible.get(made.name, ())
        if made.required is None or made.required.constant is False:
            return
        if was is not None and not self.touched(made) and self._same_needed(made, was, shown):
            return
        asked = self.compiled.required.get(made.name)
        needs = [a.needs for a in (*shown, *([asked] if asked else []))]
        if any(asks_who(one, None) for one in needs):
            return

        def judge(record: Record, context: Context) -> Text | None:
            if not empty(record.get(made.name)) or not all(rule(record, context) is True for rule in shown):
                return None
            return REQUIRED if asked is None or asked(record, context) is True else None

        where = (
            self.table.c[made.name].is_(None)
            if made.name in self.table.c and made.kind not in (*LISTS, *TEXTS, "file", "image", "json", "address")
            else None
        )
        what = ("have no value where one is required", "haben keinen Wert, wo einer nötig ist")
        shape = merged({made.name: {}}, *(one.record for one in needs))
        yield Item("field", f"{self.new.name}.{made.name}", "breaks_required", what, shape, judge, where)

    def _hidden(self, made: Field) -> Iterator[Item]:
        """Values that a new or changed ``visible`` hides: whoever saves the record next empties them."""
        was, shown = self.was.get(made.name), self.compiled.visible.get(made.name, ())
        if not shown or was is None or any(asks_who(one.needs, None) for one in shown):
            return
        if not self.touched(made) and self._same_shown(was, shown):
            return

        def judge(record: Record, context: Context) -> Text | None:
            hidden = not empty(record.get(made.name)) and not all(rule(record, context) is True for rule in shown)
            return HIDDEN if hidden else None

        what = ("have a value that is hidden now, and gone once they are saved",
                "haben einen Wert, der nun verborgen ist und mit dem nächsten Sichern entfällt")  # fmt: skip
        shape = merged({made.name: {}}, *(one.needs.record for one in shown))
        where = self.table.c[made.name].is_not(None) if made.name in self.table.c else None
        yield Item("field", f"{self.new.name}.{made.name}", "breaks_visible", what, shape, judge, where)

    def _same_needed(self, made: Field, was: Field, shown: Iterable[Asked]) -> bool:
        return self.same_rule(made.required, was.required) and self._same_shown(was, shown)

    def _same_shown(self, was: Field, shown: Iterable[Asked]) -> bool:
        visible = self.counting.ahead.old.compiled(self.old.name).visible.get(was.name, ())
        before = [asked.rule for asked in visible]
        now = [asked.rule for asked in shown]
        return len(before) == len(now) and all(self.same_rule(a, b) for a, b in zip(now, before, strict=True))

    def _limits(self, made: Field) -> Iterator[Item]:
        was = self.was.get(made.name)
        for name, word, asked in self.compiled.limits:
            before = getattr(was, word) if was is not None else None
            if name != made.name or asks_who(asked.needs, None):
                continue
            if not self.touched(made) and self.same_rule(asked.rule, before):
                continue
            what = {
                "min": ("are below the least value", "liegen unter dem kleinsten Wert"),
                "max": ("are above the greatest value", "liegen über dem größten Wert"),
            }[word]
            shape = merged({name: {}}, asked.needs.record)
            where = self._outside(name, word, asked.rule)
            yield Item(
                "field", f"{self.new.name}.{name}", "breaks_limit", what, shape, _limit(name, word, asked), where
            )

    def _outside(self, name: str, word: str, rule: Rule) -> Any:
        """Return the condition of rows that a limit may concern: where it is a mere number, those beyond it."""
        column, form, limit = self.table.c[name], self.compiled.forms[name], rule.constant
        exact = isinstance(limit, Decimal) and limit == round(limit, form.places or 0)
        if form.shape != "number" or not exact:
            return column.is_not(None)
        kept = sa.literal(self.compiled.writers[name](limit), column.type)
        return column < kept if word == "min" else column > kept

    def _form(self, made: Field) -> Iterator[Item]:
        """Lengths, patterns and counts: what the kind itself accepts."""
        was = self.was.get(made.name)
        keys = ("min_length", "max_length", "pattern", "min_count", "max_count")
        limits = [getattr(made, key) for key in keys]
        if not any(limit is not None for limit in limits) or made.kind in ("secret", "file", "image"):
            return
        if was is not None and not self.touched(made) and all(getattr(was, key) == getattr(made, key) for key in keys):
            return
        judge = _counts(made) if made.kind in LISTS else _lengths(replace(made, options=()), self)
        what = ("do not have the expected form", "haben nicht die erwartete Form")
        where = self.table.c[made.name].is_not(None) if made.kind not in LISTS and has_column(made) else None
        yield Item("field", f"{self.new.name}.{made.name}", "breaks_form", what, {made.name: {}}, judge, where)

    def _options(self, made: Field) -> Iterator[Item]:
        was = self.was.get(made.name)
        offered = self.compiled.options.get(made.name) or {}
        before = {option.name: option.when for option in was.options} if was is not None else {}
        new = {n: a for n, a in offered.items() if self.touched(made) or not self.same_rule(a.rule, before.get(n))}
        new = {name: asked for name, asked in new.items() if not asks_who(asked.needs, None)}
        if not new:
            return

        def judge(record: Record, context: Context) -> Text | None:
            value = record.get(made.name)
            for option in value if isinstance(value, list) else (value,):
                asked = new.get(str(option))
                if asked is not None and asked(record, context) is not True:
                    return NOT_AN_OPTION
            return None

        what = ("hold an option that is not offered there", "haben eine Option, die es dort nicht gibt")
        shape = merged({made.name: {}}, *(asked.needs.record for asked in new.values()))
        where = sa.or_(*(self.table.c[made.name] == n for n in new)) if made.kind == "choice" else None
        yield Item("field", f"{self.new.name}.{made.name}", "breaks_option", what, shape, judge, where)

    def _where(self, made: Field) -> Iterator[Item]:
        asked = self.compiled.where.get(made.name)
        was = self.was.get(made.name)
        if asked is None or made.kind not in ("link", "links", "tree") or asks_who(asked.needs, None):
            return
        same = was is not None and made.where is not None and was.where is not None
        if same and self._same_where(made, was) and not self.touched(made):
            return

        def judge(record: Record, context: Context) -> Text | None:
            linked = record.get(made.name)
            for one in linked if isinstance(linked, list) else [linked]:
                if one is not None and asked({**one, "this": record}, context) is not True:
                    return NOT_FITTING
            return None

        what = ("link to a record that no longer fits", "verweisen auf einen Eintrag, der nicht mehr passt")
        shape = merged(asked.needs.this, {made.name: asked.needs.record})
        where = self.table.c[made.name].is_not(None) if made.name in self.table.c else None
        yield Item("field", f"{self.new.name}.{made.name}", "breaks_link", what, shape, judge, where)

    def _same_where(self, made: Field, was: Field | None) -> bool:
        """Whether the rule is the same over every entity that the link may lead to."""
        if was is None or made.where is None:
            return False
        return all(self.same.is_same(target, made.where, was.where) for target in made.to)


def _limit(name: str, word: str, asked: Asked) -> Judge:
    def judge(record: Record, context: Context) -> Text | None:
        value, limit = to_rule(record.get(name)), asked(record, context)
        if value is None or limit is None:
            return None
        try:
            outside = value < limit if word == "min" else value > limit
        except TypeError:
            return None
        return {"en": f"{value} (limit {limit})", "de": f"{value} (Grenze {limit})"} if outside else None

    return judge


def _lengths(made: Field, finder: Finder) -> Judge:
    accept = handler(made, finder.place).accept

    def judge(record: Record, _context: Context) -> Text | None:
        value = record.get(made.name)
        if empty(value):
            return None
        try:
            accept(value)
        except Invalid as bad:
            return bad.text
        return None

    return judge


def _counts(made: Field) -> Judge:
    def judge(record: Record, _context: Context) -> Text | None:
        count = len(record.get(made.name) or ())
        few = count and made.min_count is not None and count < made.min_count
        many = made.max_count is not None and count > made.max_count
        return {"en": f"{count} there", "de": f"{count} vorhanden"} if few or many else None

    return judge


def asks_who(needs: Needs, rule: Rule | None) -> bool:
    """Whether a rule needs somebody who acts."""
    who = any(path[0] == "me" for path in rule.checked.reads) if rule is not None else False
    return bool(needs.mine) or who
