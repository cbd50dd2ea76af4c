"""The description of the API is a valid OpenAPI 3.1 document and says what the server does."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from fachwerk.engine.server.openapi import openapi
from fachwerk.schemas.model import Project
from fachwerk.schemas.read import read_project
from openapi_spec_validator import OpenAPIV31SpecValidator

ROOT = Path(__file__).parent.parent
PROJECTS = sorted(path.parent for path in (*ROOT.glob("examples/*/app.yaml"),))


def project_of(folder: Path) -> Project:
    project, problems = read_project(folder)
    assert project is not None, [problem.message() for problem in problems]
    return project


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: path.name)
def test_the_document_is_valid(folder: Path) -> None:
    document = orjson.loads(orjson.dumps(openapi(project_of(folder))))
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_entity_has_its_endpoints_and_fields() -> None:
    document = orjson.loads(orjson.dumps(openapi(project_of(ROOT / "examples/building_permits"))))
    paths, schemas = document["paths"], document["components"]["schemas"]
    assert set(paths["/api/v1/permit"]) == {"get", "post"}
    assert set(paths["/api/v1/permit/{id}"]) == {"parameters", "get", "patch", "delete"}
    assert "/api/v1/permit/{id}/actions/{action}" in paths
    assert "/api/v1/plot/{id}/actions" not in paths
    written = schemas["permit.values"]["properties"]
    assert {"kind", "plot", "documents", "neighbours"} <= set(written)
    assert not {"state", "fee", "number", "created", "id"} & set(written)
    assert written["kind"]["enum"] == ["new", "conversion", "demolition", None]
    assert written["floor_area"]["minimum"] == 0
    read = schemas["permit"]["properties"]
    assert {"state", "fee", "number", "created", "id", "version"} <= set(read)
    assert read["fee"]["type"] == ["number", "null"]
    for path in paths.values():
        for method, operation in path.items():
            if method != "parameters":
                assert operation["responses"]["default"] == {"$ref": "#/components/responses/refused"}
