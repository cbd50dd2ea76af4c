"""The part of the language that declares what happens by itself."""

from __future__ import annotations

from fachwerk.schemas.grammar_workflow import EFFECT
from fachwerk.schemas.shapes import Group, Key, Leaf, Some
from fachwerk.schemas.wording import both

_NAME = Leaf("name")

EVERY = Group("every", both("a schedule", "einem Zeitplan"), (
    Key("day_at", Leaf("word"), both("Every day at this time.", "Jeden Tag um diese Zeit."), 'every: {day_at: "07:00"}'),
    Key("working_day_at", Leaf("word"), both("On every working day at this time.", "An jedem Arbeitstag um diese Zeit."),
        'every: {working_day_at: "07:00"}'),
    Key("hours", Leaf("integer", least=1, most=8760), both("Every so many hours.", "Alle so viele Stunden."), "every: {hours: 6}"),
))  # fmt: skip

AUTOMATION = Group("automation", both("an automation", "einer Automatik"), (
    Key("automation", _NAME, both("What is done by itself.", "Was von selbst geschieht."), "automation: nudge_drafts", required=True),
    Key("of", _NAME, both("The entity with whose records it deals.", "Die Entität, um deren Datensätze es geht."), "of: permit",
        required=True),
    Key("on", Some(_NAME), both("When: `created`, `changed`, or the transitions of the workflow.",
        "Wann: `created`, `changed`, oder die Übergänge des Workflows."), "on: [created, grant]"),
    Key("every", EVERY, both("Again and again, for every record for which `where` holds.",
        "Immer wieder, für jeden Datensatz, für den `where` gilt."), 'every: {day_at: "07:00"}'),
    Key("inactive", Leaf("period"), both("Once a record has not been changed for so long (asked every hour, or as `every` says).",
        "Sobald ein Datensatz so lange nicht geändert wurde (stündlich geprüft, oder wie `every` sagt)."), "inactive: 14 days"),
    Key("where", Leaf("switch"), both("For which records.", "Für welche Datensätze."), 'where: state = "draft"'),
    Key("do", Some(EFFECT), both("What is done.", "Was geschieht."), "do: [{notify: applicant, with: waiting}]", required=True),
))  # fmt: skip
