"""The description of the API, OpenAPI 3.1, made from the model once at load.

It describes the whole model, whoever asks: names and labels of a configuration are no secret, records are. Rights show
in the answers (a hidden field is absent, a forbidden call is refused with 403).
"""

from __future__ import annotations

from collections.abc import Iterator

from fachwerk.engine.server import shapes
from fachwerk.engine.server.shapes import Shape
from fachwerk.problems import say
from fachwerk.schemas.model import Entity, Field, Project, Workflow
from fachwerk.schemas.tables import CONFIG
from fachwerk.workflows.timers import timer_actions

BASE = "/api/v1"
_NEVER_WRITTEN = frozenset({"sequence", "back_links", "computed"})


def openapi(project: Project) -> Shape:
    """Return the OpenAPI document of *project*."""
    paths: Shape = {}
    schemas: Shape = {"error": _error(), "event": shapes.event(), "action": shapes.action()}
    for entity in project.entities.values():
        if entity.parent is None:
            schemas.update(_schemas(entity))
            paths.update(_paths(entity, [one for name in entity.workflows for one in project.workflows[name].versions]))
    paths |= _mine()
    paths[f"{BASE}/openapi.json"] = {"get": _operation("openapi", "This description", _answer("The document", {}))}
    return {
        "openapi": "3.1.0",
        "info": {"title": say(project.label), "version": project.hash[:12], "x-app": project.name},
        "x-decisions": {name: say(decision.label) for name, decision in project.decisions.items()},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"session": []}],
        "tags": [{"name": e.name, "description": say(e.label)} for e in project.entities.values() if e.parent is None],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"refused": _answer("Refused; nothing was changed", _ref("error"))},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A token made on the profile page."},
                "session": {"type": "apiKey", "in": "cookie", "name": "fw_session"},
            },
        },
    }


def _mine() -> Shape:
    """Return the paths about oneself: absences, for whom one acts, what waits."""
    text, day = {"type": "string"}, {"type": "string", "format": "date"}
    wish = {"from": day, "until": day, "deputy": text, "reason": text}
    body = _body({"type": "object", "properties": wish, "required": ["from", "until", "deputy"]})
    one: Shape = {"name": "absence", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    some = _list_of({"type": "object"})
    return {
        f"{BASE}/me/absences": {
            "get": _operation("my_absences", "When I am absent, and who acts meanwhile", _answer("Absences", some)),
            "post": {"requestBody": body}
            | _operation("enter_absence", "Enter an absence", _answer("Entered", {"type": "object"}), status="201"),
        },
        f"{BASE}/me/absences/{{absence}}": {
            "parameters": [one],
            "delete": _operation("end_absence", "End an absence at once", {"description": "Ended"}, status="204"),
        },
        f"{BASE}/me/deputy_of": {
            "get": _operation("deputy_of", "For whom I act today: their id goes behind ?for=", _answer("People", some)),
        },
        f"{BASE}/me/inbox": {
            "get": _operation("my_inbox", "What waits for me and those for whom I act", _answer("Tasks", some)),
        },
    }


def writable(entity: Entity) -> Iterator[Field]:
    """Give the fields of *entity* that a request may name."""
    for field in entity.fields.values():
        if not field.system and field.computed is None and field.kind not in _NEVER_WRITTEN:
            yield field


def _schemas(entity: Entity) -> Shape:
    # What links to a record is found by a list with a filter: a record may have any number of them.
    fields = [f for f in entity.fields.values() if f.name not in ("id", "version") and f.kind != "back_links"]
    head: Shape = {
        "id": {"type": "string", "format": "uuid", "readOnly": True},
        "version": {"type": "integer", "readOnly": True},
        "title": {"type": "string", "readOnly": True},
        CONFIG: {"type": ["integer", "null"], "readOnly": True,
                 "description": "The version of the configuration that it was last written under."},
    }  # fmt: skip
    back = {f.name: f.inverse for f in entity.fields.values() if f.kind == "back_links" and f.inverse is not None}
    lists = {"x-back-links": {name: f"{BASE}/{of}?{link}={{id}}" for name, (of, link) in back.items()}} if back else {}
    record: Shape = {**lists, "type": "object", "properties": {**head, **{f.name: shapes.read(f) for f in fields}}}
    values = {"type": "object", "properties": {f.name: shapes.written(f) for f in writable(entity)}}
    page: Shape = {
        "items": {"type": "array", "items": _ref(entity.name)},
        "next": {"type": ["string", "null"], "description": "Give it as `after` to read on."},
        "previous": {"type": ["string", "null"], "description": "Give it as `before` to go back."},
        "count": {"type": ["integer", "null"]},
        "count_is_capped": {"type": "boolean", "description": "There are more than `count`."},
    }
    return {
        entity.name: {**record, "title": say(entity.label), "required": ["id", "version"]},
        f"{entity.name}.values": {**values, "additionalProperties": False},
        f"{entity.name}.page": {"type": "object", "properties": page, "required": ["items"]},
    }


def _paths(entity: Entity, workflows: list[Workflow]) -> Shape:
    name = entity.name
    one = f"{BASE}/{name}/{{id}}"
    found: Shape = {
        f"{BASE}/{name}": {
            "get": _operation(f"list_{name}", f"List {say(entity.plural)}", _answer("A page", _ref(f"{name}.page")))
            | {"parameters": _list_parameters(), "tags": [name]},
            "post": _operation(f"create_{name}", "Create", _answer("Created", _ref(name)), status="201")
            | {"requestBody": _body(_ref(f"{name}.values")), "tags": [name]},
        },
        one: {
            "parameters": [_id()],
            "get": _operation(f"read_{name}", "Read", _answer("The record", _ref(name)))
            | {"parameters": [_header("If-None-Match")], "tags": [name]},
            "patch": _operation(f"change_{name}", "Change some fields", _answer("Changed", _ref(name)))
            | {"parameters": [_header("If-Match")], "requestBody": _body(_ref(f"{name}.values")), "tags": [name]},
            "delete": _operation(f"delete_{name}", "Delete", {"description": "Deleted"}, status="204")
            | {"parameters": [_header("If-Match")], "tags": [name]},
        },
        f"{one}/history": {
            "parameters": [_id()],
            "get": _operation(f"history_{name}", "What happened to it", _answer("Events", _list_of(_ref("event"))))
            | {"tags": [name]},
        },
        f"{BASE}/{name}/events": {
            "get": _operation(f"events_{name}", "What happened to all of them, as an event log", _event_log())
            | {"parameters": _event_parameters(), "tags": [name]},
        },
    }
    return found | _action_paths(name, one, workflows) if workflows else found


def _event_log() -> Shape:
    text: Shape = {"schema": {"type": "string"}}
    kinds = {"application/xml": text, "application/json": {"schema": {"type": "object"}}, "text/csv": text}
    kinds["application/vnd.sqlite3"] = {"schema": {"type": "string", "format": "binary"}}
    return {"description": "XES, OCEL 2.0 or CSV: what one may read", "content": kinds}


def _event_parameters() -> list[Shape]:
    choices = {
        "format": ["xes", "ocel", "ocel-sqlite", "csv"], "people": ["ids", "names", "none"], "texts": ["false", "true"],
    }  # fmt: skip
    return [
        {"name": name, "in": "query", "schema": {"type": "string", "enum": found, "default": found[0]}}
        for name, found in choices.items()
    ]


def _action_paths(name: str, one: str, workflows: list[Workflow]) -> Shape:
    transitions = [t.name for workflow in workflows for t in workflow.transitions.values() if t.by]
    opinions = [
        f"{part.name}.{outcome.name}"
        for workflow in workflows
        for state in workflow.states.values()
        for part in state.parallel
        for outcome in part.outcomes
    ]
    timed = [name for workflow in workflows for name in timer_actions(workflow)]
    comment: Shape = {"type": ["string", "null"]}
    wish: Shape = {"comment": comment, "values": _ref(f"{name}.values"), "version": {"type": "integer"},
                   "by": {"type": "string", "description": "By how much a deadline is extended: 2 weeks."}}  # fmt: skip
    action: Shape = {"name": "action", "in": "path", "required": True, "schema": {"type": "string"}}
    action["description"] = "One of: " + ", ".join(dict.fromkeys(transitions + opinions + timed))
    found = _answer("Actions", _list_of(_ref("action")))
    return {
        f"{one}/actions": {
            "parameters": [_id()],
            "get": _operation(f"actions_{name}", "What can be done, and why not", found) | {"tags": [name]},
        },
        f"{one}/actions/{{action}}": {
            "parameters": [_id(), action],
            "post": _operation(f"do_{name}", "Do it", _answer("Done", _ref(name)))
            | {"requestBody": _body({"type": "object", "properties": wish}, required=False), "tags": [name]},
        },
    }


def _list_parameters() -> list[Shape]:
    plain = {
        "q": "Words to search for.",
        "sort": "Fields, comma-separated; `-field` for descending.",
        "after": "Cursor: the page behind it.",
        "before": "Cursor: the page before it.",
        "fields": "Only these fields, comma-separated.",
    }
    found: list[Shape] = [
        {"name": name, "in": "query", "schema": {"type": "string"}, "description": text} for name, text in plain.items()
    ]
    count: Shape = {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    found.append({"name": "limit", "in": "query", "schema": count})
    shape: Shape = {"type": "object", "additionalProperties": {"type": "string"}}
    filters: Shape = {"name": "filters", "in": "query", "style": "form", "explode": True, "schema": shape}
    filters["description"] = "`field=value`, `field.gt=3`, `field.in=a,b`, `plot.district=x`; also ge, lt, le, ne."
    return [*found, filters]


def _operation(name: str, summary: str, answer: Shape, status: str = "200") -> Shape:
    return {"operationId": name, "summary": summary, "responses": {status: answer, "default": _named("refused")}}


def _answer(description: str, schema: Shape) -> Shape:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _body(schema: Shape, required: bool = True) -> Shape:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def _named(name: str) -> Shape:
    return {"$ref": f"#/components/responses/{name}"}


def _list_of(items: Shape) -> Shape:
    return {"type": "object", "properties": {"items": {"type": "array", "items": items}}}


def _id() -> Shape:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


def _header(name: str) -> Shape:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}


def _error() -> Shape:
    text = {"type": "string"}
    properties: Shape = {
        "code": {**text, "description": "Stable, for programs."},
        "message": {**text, "description": "For people, in their language."},
        "fields": {"type": "object", "additionalProperties": text, "description": "By field; rows as `rows.0.name`."},
        "id": {**text, "description": "By which the operator finds the incident in the log."},
        "conflicts": {"type": "object", "description": "By field: yours, theirs, before (only with 409)."},
    }
    inner = {"type": "object", "properties": properties, "required": ["code", "message", "fields", "id"]}
    return {"type": "object", "properties": {"error": inner}, "required": ["error"]}
