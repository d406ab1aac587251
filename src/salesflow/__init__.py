"""
salesflow: the lifecycle of a sales project as checked data, with explained decisions and lasting facts.

The names below are loaded when they are first used, so importing the package is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import errors


if TYPE_CHECKING:
    from ._lifecycle.decision import Accepted, Refused
    from ._lifecycle.lifecycle import Lifecycle
    from ._model.definition import Definition, Field, Stage, Transition
    from ._model.facts import Fact
    from ._model.project import Project, replay
    from ._model.values import Actor, Money
    from ._model.verdict import Verdict
    from ._pipeline.pipeline import Pipeline
    from .plugins._loading import build_lifecycle, check_definition, dump_definition, load_definition, load_lifecycle
    from .plugins.hookspecs import hookimpl

    __version__: str


__all__ = [
    "Accepted",
    "Actor",
    "Definition",
    "Fact",
    "Field",
    "Lifecycle",
    "Money",
    "Pipeline",
    "Project",
    "Refused",
    "Stage",
    "Transition",
    "Verdict",
    "__version__",
    "build_lifecycle",
    "check_definition",
    "dump_definition",
    "errors",
    "hookimpl",
    "load_definition",
    "load_lifecycle",
    "replay",
]

_HOME = {
    "Accepted": "_lifecycle.decision",
    "Actor": "_model.values",
    "Definition": "_model.definition",
    "Fact": "_model.facts",
    "Field": "_model.definition",
    "Lifecycle": "_lifecycle.lifecycle",
    "Money": "_model.values",
    "Pipeline": "_pipeline.pipeline",
    "Project": "_model.project",
    "Refused": "_lifecycle.decision",
    "Stage": "_model.definition",
    "Transition": "_model.definition",
    "Verdict": "_model.verdict",
    "build_lifecycle": "plugins._loading",
    "check_definition": "plugins._loading",
    "dump_definition": "plugins._loading",
    "hookimpl": "plugins.hookspecs",
    "load_definition": "plugins._loading",
    "load_lifecycle": "plugins._loading",
    "replay": "_model.project",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 -- reading metadata costs more than importing the package

        return version("salesflow")
    if name in _HOME:
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value  # so that this function is asked once for each name
        return value
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
