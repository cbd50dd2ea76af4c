"""``fachwerk diagram`` as a function."""

from __future__ import annotations

from fachwerk.problems import Refused, nearest
from fachwerk.schemas.model import Project
from fachwerk.schemas.telling import telling
from fachwerk.workflows.diagram import diagram_mermaid, diagram_svg


def draw(project: Project, name: str, language: str, *, mermaid: bool = False) -> str:
    """Return the picture of a workflow as SVG or as text of Mermaid; raises :class:`Refused` for no such name."""
    workflow = project.workflows.get(name)
    if workflow is None:
        known = ", ".join(project.workflows) or "–"
        guess = nearest(name, project.workflows)
        en = f"There is no workflow {name}." + (f" Did you mean {guess}?" if guess else f" There are: {known}.")
        de = f"Es gibt keinen Workflow {name}." + (f" Meinten Sie {guess}?" if guess else f" Es gibt: {known}.")
        raise Refused("unknown_workflow", {"en": en, "de": de}, status=404)
    told = telling(project, workflow)
    if mermaid:
        return diagram_mermaid(workflow, language, told)
    return diagram_svg(workflow, language, told=told) + "\n"
