"""
salesflow: the lifecycle of a sales project as checked data, with explained decisions and lasting facts.

The names below are loaded when they are first used, so importing the package is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import errors


if TYPE_CHECKING:
    from ._decision import Accepted, Refused
    from ._definition import Definition, Field, Stage, Transition
    from ._facts import Fact
    from ._lifecycle import Lifecycle
    from ._loading import build_lifecycle, check_definition, dump_definition, load_definition, load_lifecycle
    from ._pipeline import Pipeline
    from ._project import Project, replay
    from ._values import Actor, Money
    from ._verdict import Verdict
    from .hookspecs import hookimpl

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
    "Accepted": "_decision",
    "Actor": "_values",
    "Definition": "_definition",
    "Fact": "_facts",
    "Field": "_definition",
    "Lifecycle": "_lifecycle",
    "Money": "_values",
    "Pipeline": "_pipeline",
    "Project": "_project",
    "Refused": "_decision",
    "Stage": "_definition",
    "Transition": "_definition",
    "Verdict": "_verdict",
    "build_lifecycle": "_loading",
    "check_definition": "_loading",
    "dump_definition": "_loading",
    "hookimpl": "hookspecs",
    "load_definition": "_loading",
    "load_lifecycle": "_loading",
    "replay": "_project",
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
