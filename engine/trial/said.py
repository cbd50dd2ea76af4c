"""What a scenario found out to be otherwise, in words: every kind of failure, in English and German."""

from __future__ import annotations

from collections.abc import Iterable

from fachwerk.problems import Code, Problem, Refused, Text, say
from fachwerk.schemas.wording import both

GIVEN = Code("given-refused", both("`{name}` cannot be there: {why}", "`{name}` kann es so nicht geben: {why}"))
REFUSED = Code("step-refused", both("refused: {why}", "abgelehnt: {why}"), label=both("`{code}`", "`{code}`"))
NOT_REFUSED = Code(
    "not-refused",
    both("this was to be refused, and was done", "das sollte abgelehnt werden und wurde getan"),
    label=both("expected to be refused", "Ablehnung erwartet"),
)
OTHERWISE = Code(
    "refused-otherwise",
    both("this was refused, but not for `{wanted}`: {why}", "das wurde abgelehnt, aber nicht wegen `{wanted}`: {why}"),
    label=both("it was `{code}`", "es war `{code}`"),
)
OTHER_VALUE = Code(
    "other-value",
    both("`{field}` of `{record}` is {found}, not {wanted}", "`{field}` von `{record}` ist {found}, nicht {wanted}"),
    label=both("it is {found}", "ist {found}"),
)
NOT_READ = Code(
    "not-read",
    both("{who} may not read `{record}` at all", "{who} darf `{record}` gar nicht lesen"),
)
NOT_SEEN = Code(
    "not-seen", both("{who} does not see `{field}` of `{record}`", "{who} sieht `{field}` von `{record}` nicht")
)
SEEN = Code(
    "seen", both("{who} sees `{field}` of `{record}`: {found}", "{who} sieht `{field}` von `{record}`: {found}")
)
FOUND = Code(
    "found-others",
    both("{who} finds {found}, not {wanted}", "{who} findet {found}, nicht {wanted}"),
)
WAITS = Code(
    "waits-others",
    both("waiting for {who}: {found}, not {wanted}", "auf {who} wartet: {found}, nicht {wanted}"),
)
NOT_SENT = Code("not-sent", both("{what} was not sent", "{what} wurde nicht verschickt"))
SENT_ANYWAY = Code("sent-anyway", both("nothing was to be sent", "es sollte nichts verschickt werden"))
NOT_POSSIBLE = Code(
    "not-possible", both("{who} cannot `{action}`", "{who} kann nicht `{action}`"), label=both("{why}", "{why}")
)
POSSIBLE = Code("possible", both("{who} can `{action}`", "{who} kann `{action}`"))
EFFECT = Code(
    "effect-failed",
    both("what follows from this step failed: {why}", "was aus diesem Schritt folgt, ging schief: {why}"),
)
NO_OPINION = Code(
    "no-opinion",
    both("no opinion is missing that could be `{outcome}`",
         "es fehlt keine Stellungnahme, die `{outcome}` sein könnte"),
)
NOT_MADE = Code(
    "not-made",
    both("with this step {count} records of `{entity}` came about, not one",
         "mit diesem Schritt entstanden {count} Datensätze von `{entity}`, nicht einer"),
)
GONE = Code("gone", both("`{record}` is not there any more", "`{record}` gibt es nicht mehr"))


def with_lines(problem: Problem, lines: Iterable[Text]) -> Problem:
    """Return *problem* with more lines below it."""
    found = list(lines)
    if not found:
        return problem
    text = {language: "\n".join(say(line, language) for line in found) for language in ("en", "de")}
    if problem.values:  # only then places are filled
        text = {language: one.replace("{", "{{").replace("}", "}}") for language, one in text.items()}
    return Problem(problem.kind, problem.span, problem.values, text, problem.related)


def why(refused: Refused) -> Text:
    """Return what a refusal says, with what it says of the fields."""
    found = {}
    for language in ("en", "de"):
        texts = {("comment" if name == "_comment" else name): text for name, text in refused.fields.items()}
        whole = say(refused.message, language)
        told = {name: say(text, language) for name, text in texts.items()}
        parts = [f"{name}: {text.removesuffix('.')}".removeprefix(": ") for name, text in told.items() if text != whole]
        found[language] = f"{whole} ({'; '.join(parts)})" if parts else whole
    return found


def unreadable(who: str, record: str) -> Text:
    """Return that somebody may not read a record, which for them is as if it were not there."""
    return {"en": f"{who} may not read `{record}`", "de": f"{who} darf `{record}` nicht lesen"}


def from_states(action: str, sources: Iterable[str], record: str, state: str) -> Text:
    """Return in which states a step is possible, and in which one the record is."""
    named = ", ".join(f"`{one}`" for one in sources)
    return {
        "en": f"`{action}` is a step from {named}; `{record}` is in `{state}`",
        "de": f"`{action}` ist ein Schritt aus {named}; `{record}` ist in `{state}`",
    }


def names(found: Iterable[str]) -> Text:
    """Return names in a row; nothing, where there are none."""
    listed = ", ".join(f"`{one}`" for one in found)
    return {"en": listed or "nothing", "de": listed or "nichts"}


