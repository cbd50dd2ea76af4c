"""Evaluates rules of ``rules_world`` with the generated Python."""

from __future__ import annotations

from collections.abc import Mapping

import rules_world as w
from fachwerk.rules.check import Checked
from fachwerk.rules.to_python import Environment, Evaluation, compile_record_rule


def in_python(checked: Checked, world: w.World) -> Mapping[str, object]:
    """Return the rule's value for every permit, by the id of the permit."""
    rule = compile_record_rule(checked, Environment())
    context = Evaluation(
        me=world.records["user"][world.me],
        mine={"person": world.records["person"][world.mine]},
        now=w.NOW,
        today=w.NOW.date(),
    )
    return {str(permit["id"]): rule(permit, context) for permit in world.permits}
