"""
salesflow: the lifecycle of a sales project as checked data, with explained decisions and lasting facts.

The names below are loaded when they are first used, so importing the package is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import errors as errors
from ._model import lazy


if TYPE_CHECKING:
    from ._lifecycle.decision import Accepted as Accepted, Refused as Refused
    from ._lifecycle.lifecycle import Lifecycle as Lifecycle
    from ._model.definition import Definition as Definition, Field as Field, Stage as Stage, Transition as Transition
    from ._model.facts import Fact as Fact
    from ._model.fold import replay as replay
    from ._model.project import Project as Project
    from ._model.values import Actor as Actor, Money as Money
    from ._model.verdict import Verdict as Verdict
    from ._model.version import __version__ as __version__
    from ._pipeline.pipeline import Pipeline as Pipeline
    from .plugins._loading import (
        build_lifecycle as build_lifecycle,
        check_definition as check_definition,
        dump_definition as dump_definition,
        load_definition as load_definition,
        load_lifecycle as load_lifecycle,
    )
    from .plugins.hookspecs import hookimpl as hookimpl
else:
    __getattr__, __dir__, __all__ = lazy.attach(
        globals(),
        {
            "_lifecycle.decision": ("Accepted", "Refused"),
            "_lifecycle.lifecycle": ("Lifecycle",),
            "_model.definition": ("Definition", "Field", "Stage", "Transition"),
            "_model.facts": ("Fact",),
            "_model.fold": ("replay",),
            "_model.project": ("Project",),
            "_model.values": ("Actor", "Money"),
            "_model.verdict": ("Verdict",),
            "_model.version": ("__version__",),
            "_pipeline.pipeline": ("Pipeline",),
            "plugins._loading": (
                "build_lifecycle",
                "check_definition",
                "dump_definition",
                "load_definition",
                "load_lifecycle",
            ),
            "plugins.hookspecs": ("hookimpl",),
        },
        "errors",
    )
