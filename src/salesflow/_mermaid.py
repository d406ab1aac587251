"""
Draws a definition as a Mermaid state diagram.
"""

from __future__ import annotations

from ._definition import Definition, Transition
from ._graph import ways
from ._values import Lang


def _quoted(text: str) -> str:
    # Mermaid ends a label at a line break, a semicolon or a quote; entities keep them readable.
    return text.replace("#", "#35;").replace(";", "#59;").replace('"', "#quot;").replace("\n", " ").replace(":", "#58;")


def _name(transition: Transition, lang: Lang) -> str:
    return _quoted(transition.label.text(lang) or transition.id)


def render(definition: Definition, lang: Lang = "en") -> str:
    """
    Return the diagram's text; resuming is drawn as one arrow to each stage that can be held.
    """
    lines = ["stateDiagram-v2"]
    for stage in definition.stages:
        lines.append(f'    state "{_quoted(stage.label.text(lang) or stage.id)}" as {stage.id}')
    lines.append(f"    [*] --> {definition.initial}")
    for way in ways(definition):
        lines.append(f"    {way.source} --> {way.target} : {_name(way.transition, lang)}")
    lines += [f"    {stage.id} --> [*]" for stage in definition.stages if stage.final]
    return "\n".join(lines) + "\n"
