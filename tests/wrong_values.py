"""
Values of the wrong type, and how each is put in the place of every parameter of a call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import salesflow as sf
from salesflow.errors import SalesflowError
from salesflow.stores.adapting import StoreHandle

from .equipment import NOW
from .pipeline_factory import AMOUNT, LEAD, make_pipeline


class Odd:
    """An object that is none of what anybody expects."""


WRONG = [
    None,
    5,
    -1,
    2.5,
    float("nan"),
    True,
    "",
    "x\0y",
    "\ud800",
    b"x",
    [],
    [5],
    (),
    {},
    {"a": 5},
    {5: "a"},
    {1, 2},
    Odd,
    Odd(),
    Decimal("NaN"),
    date(2026, 1, 1),
    datetime(2026, 1, 1),  # noqa: DTZ001 -- it has no zone on purpose
    timedelta(days=-1),
    lambda: 5,
]


OPTIONS = ("actor", "at", "key", "expected_version", "backfill", "ahead")


def parameters(call: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters of a call, with those that it passes on instead of ``**options``, ``**request``, ``**inputs``."""
    found: dict[str, inspect.Parameter] = {}
    for name, each in inspect.signature(call).parameters.items():
        if each.kind is not each.VAR_KEYWORD:
            if name != "self":
                found[name] = each
        elif name == "options":
            found |= {key: it for key, it in inspect.signature(sf.Pipeline.fire).parameters.items() if key in OPTIONS}
        elif name == "query":
            kind = inspect.Parameter.KEYWORD_ONLY
            asked = ("stage", "owner", "outcome", "parent", "where")
            found |= {key: inspect.Parameter(key, kind, default=None) for key in asked}
        elif name in ("request", "inputs"):
            given = parameters(sf.Lifecycle.decide)
            del given["children"]  # a pipeline reads them from its store
            found |= {key: it for key, it in given.items() if it.default is not it.empty}
    return found


def tried(call: Callable[..., Any], usual: Mapping[str, Any], skip: Container[str] = ()) -> list[str]:
    """Put each wrong value in the place of each parameter; return what came out besides errors of the library."""
    found = []
    known = parameters(call)
    given = {
        name: usual[name]
        for name, each in known.items()
        if each.default is each.empty and each.kind is not each.VAR_POSITIONAL
    }
    for name in known.keys() - skip:
        for wrong in (*WRONG, iter([5])):  # an iterator is used up by the first call
            try:
                if known[name].kind is inspect.Parameter.VAR_POSITIONAL:
                    result = call(*given.values(), wrong)
                elif known[name].kind is inspect.Parameter.POSITIONAL_ONLY:
                    result = call(wrong)
                else:
                    result = call(**{**given, name: wrong})
                if inspect.isgenerator(result):
                    next(result, None)
                elif isinstance(result, AbstractContextManager) and not isinstance(result, StoreHandle):
                    result.__enter__()
                    result.__exit__(None, None, None)
            except (SalesflowError, AssertionError):  # a proof of the testing kit ends in an assertion
                pass
            except Exception as error:  # noqa: BLE001 -- it is what the test looks for
                found.append(f"{name}={wrong!r}: {type(error).__name__}: {error}"[:160])
    return found


def methods(kind: type[Any]) -> list[str]:
    """The public methods of a class."""
    return [name for name in dir(kind) if not name.startswith("_") and inspect.isfunction(getattr(kind, name))]


def pipeline_with_deal() -> sf.Pipeline:
    """A pipeline with one project."""
    pipeline = make_pipeline()
    pipeline.open("A deal", id="P-1", fields={"amount": AMOUNT, "owner": "li.wei"})
    return pipeline


USUAL = {
    "project_id": "P-1",
    "name": "A deal",
    "trigger": "touch",
    "at": NOW,
    "actor": LEAD,
    "kind": "goal",
    "entry_id": "g",
    "fields": {},
    "to": "won",
    "parent": "P-2",
    "what": "P-1",
    "work_id": "w",
    "start": NOW,
    "end": NOW,
}
