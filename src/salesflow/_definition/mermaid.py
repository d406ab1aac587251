"""
Draws a definition as a Mermaid state diagram.
"""

from __future__ import annotations

import re
from typing import Final

from .._model.definition import Definition, Stage, Transition
from ..errors import plain
from .edges import edges_of


# Mermaid reads much in a label as its own: <<fork>>, %%, and even a line that only holds "direction LR".
# As entities, signs are only shown.
_SIGN: Final = re.compile(r"""["#$%&*:;<>@\[\\\]^`{|}~]|_(?=_)|-(?=-)|(?<=direction)\s""", re.IGNORECASE)


def state_id(stage: str) -> str:
    """
    Return what a stage is called in a diagram.

    Words such as ``note``, ``state`` and ``default`` are reserved there; none of them begins with an underscore,
    and neither does the id of a stage, so that no two stages are called alike.
    """
    return f"_{stage}"


def _label(part: Stage | Transition, lang: str) -> str:
    text = plain(part.label.text(lang) or part.id)
    return _SIGN.sub(lambda found: f"#{ord(found[0])};", text)


def render(definition: Definition, lang: str = "en") -> str:
    """
    Return the diagram's text; resuming is drawn as one arrow to each stage that can be held.
    """
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{_label(stage, lang)}" as {state_id(stage.id)}' for stage in definition.stages]
    lines.append(f"    [*] --> {state_id(definition.initial)}")
    for edge in edges_of(definition):
        ends = f"{state_id(edge.source)} --> {state_id(edge.target)}"
        lines.append(f"    {ends} : {_label(edge.transition, lang)}")
    lines += [f"    {state_id(stage.id)} --> [*]" for stage in definition.stages if stage.final]
    return "\n".join(lines) + "\n"
