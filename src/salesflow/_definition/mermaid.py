"""
Draws a definition as a Mermaid state diagram.
"""

from __future__ import annotations

from typing import Final

from .._model.definition import Definition, Transition
from .._model.values import Lang
from .edges import edges_of


# Mermaid ends a label at these; entities keep them readable.
_ENTITIES: Final = str.maketrans({"#": "#35;", ";": "#59;", '"': "#quot;", ":": "#58;", "\n": " "})


def _quoted(text: str) -> str:
    return text.translate(_ENTITIES)


def _name(transition: Transition, lang: Lang) -> str:
    return _quoted(transition.label.text(lang) or transition.id)


def render(definition: Definition, lang: Lang = "en") -> str:
    """
    Return the diagram's text; resuming is drawn as one arrow to each stage that can be held.
    """
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{_quoted(stage.label.text(lang) or stage.id)}" as {stage.id}' for stage in definition.stages]
    lines.append(f"    [*] --> {definition.initial}")
    lines += [f"    {edge.source} --> {edge.target} : {_name(edge.transition, lang)}" for edge in edges_of(definition)]
    lines += [f"    {stage.id} --> [*]" for stage in definition.stages if stage.final]
    return "\n".join(lines) + "\n"
