"""Inverse: what undoing a version says of names: everything is called again as it was."""

from __future__ import annotations

from fachwerk.engine.plan.pairing import Pairing
from fachwerk.schemas.past import Past, StepKind


def inverse_past(pairing: Pairing) -> Past:
    """Return the past of the old configuration of *pairing*, seen from the new one."""
    entities: dict[str, str] = {}
    fields: dict[tuple[str, str], str] = {}
    options: dict[tuple[str, str, str], tuple[str, ...]] = {}
    states: dict[str, dict[str, str]] = {}
    flows = {(w.of, w.field): name for name, w in pairing.old.workflows.items()}
    for old, new in pairing.entities():
        if old.parent is None and old.name != new.name:
            entities[old.name] = new.name
        for name, was in pairing.fields(new.name).items():
            if was.name != name:
                fields[old.name, was.name] = name
            own = {option.name for option in was.options}
            for option, after in _first_of_each(pairing.options(new.name, name, late=False), own):
                flow = flows.get((old.name, was.name))
                if flow is not None:
                    states.setdefault(flow, {})[after] = option
                else:
                    options[old.name, was.name, option] = (after,)
    known = {name: pairing.role(name) for name in pairing.new.roles}
    roles = {former: name for name, former in known.items() if former is not None and former != name}
    steps: dict[tuple[str, StepKind, str], str] = {}
    for workflow in pairing.new.workflows:
        before = pairing.workflow(workflow)
        for kind, called in pairing.called(workflow) if before is not None else ():
            steps |= {(before.name, kind, former): now for former, now in called.items()} if before is not None else {}
    return Past(entities=entities, fields=fields, options=options, roles=roles, states=states, steps=steps)


def _first_of_each(mapping: dict[str, str], own: set[str]) -> list[tuple[str, str]]:
    """Of several options that became one, the first comes back for records that got it since.

    One that was there before under the same name (*own*) stays what it is, whatever became of it besides.
    """
    found: dict[str, str] = {}
    for before, after in mapping.items():
        if after not in own or after in mapping:
            found.setdefault(after, before)
    return [(before, after) for after, before in found.items()]
