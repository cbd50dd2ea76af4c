"""A small app in which several decide: offices, a board, all of a council; and two workflows of one record."""

from __future__ import annotations

APP = """
app: permits
languages: [en, de]
timezone: Europe/Berlin
---
roles: {clerk: {}, member: {}, chair: {includes: [member]}, reader: {}}
---
entity: office
title: name
fields: {name: text!, officer: user, active: {type: boolean, default: true}, weight: {type: integer, default: 1}}
access:
  clerk: {create: true, read: true, update: true, delete: true}
  member: {read: true}
---
entity: permit
title: name
fields:
  name: text!
  offices: {type: links, to: office}
  said: {type: integer, computed: 'count(opinions)'}
access: {clerk: {create: true, read: true, update: true, delete: true}, member: {read: true}, reader: {read: true}}
---
workflow: review
of: permit
states:
  draft: {initial: true}
  open:
    parallel:
      offices: {each: 'offices[active]', by: [each.officer, chair], within: 3 weeks}
  board: {parallel: {votes: {by: member, needs: 2}}}
  council: {parallel: {votes_of_all: {by: member, needs: all}, most: {by: member, needs: majority}}}
  few: {parallel: {two: {each: offices, by: clerk, needs: 2, outcomes: [fine]}}}
  granted: {final: true}
  refused: {final: true}
transitions:
  begin: {from: draft, to: open, by: clerk}
  send_back: {from: [open, board, council, few], to: draft, by: clerk}
  stop: {from: open, to: refused, when: 'count(opinions[outcome = "object"]) >= 2'}
  heavy: {from: open, to: refused, when: 'some o in opinions satisfies o.outcome = "object" and o.each.weight > 5'}
  onwards: {from: open, to: board, when: complete}
  to_council: {from: board, to: council, when: complete}
  to_few: {from: council, to: few, when: complete}
  grant: {from: few, to: granted, when: complete}
---
workflow: paying
of: permit
field: payment
states:
  unpaid: {initial: true}
  checks: {parallel: {cash: {by: [clerk, member], needs: 2}}}
  paid: {final: true}
transitions:
  ask: {from: unpaid, to: checks, by: clerk}
  booked: {from: checks, to: paid, when: 'complete and every o in opinions satisfies o.outcome = "approve"'}
  free: {from: unpaid, to: paid, when: state = "refused"}
"""
