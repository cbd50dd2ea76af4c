"""Problem codes."""

from __future__ import annotations

from fachwerk.problems import Code
from fachwerk.schemas.wording import both

LATER_EFFECT = Code("later-effect", both("later-effect", "later-effect"))
MARK_NOT_BOOLEAN = Code("mark-not-boolean", both("mark-not-boolean", "mark-not-boolean"))
MESSAGE_OF = Code("message-of", both("message-of", "message-of"))
NOT_A_PERSON = Code("not-a-person", both("not-a-person", "not-a-person"))
PERIOD = Code("period", both("period", "period"))
SET_NOT_POSSIBLE = Code("set-not-possible", both("set-not-possible", "set-not-possible"))
STATE_FIELD_SHARED = Code("state-field-shared", both("state-field-shared", "state-field-shared"))
STATE_FIELD_TAKEN = Code("state-field-taken", both("state-field-taken", "state-field-taken"))
