"""
What is wrong with the early warnings of a definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Final

from .._definition.report import Fault
from .._model.advice import BoundAdvice
from .._model.definition import Definition
from .._model.early_warning import EarlyWarning
from .._model.risk_matrix import LEVELS
from .._model.values import check_id, is_name
from ..errors import InputError, did_you_mean
from .deadlines import check_length
from .early_warnings import risk_to_open


_OPS: Final = ("ge", "le")


def check_early(
    definition: Definition, scorers: Iterable[BoundAdvice], checks: Iterable[BoundAdvice]
) -> Iterator[Fault]:
    """
    Yield every fault and warning of the early warnings.

    Args:
        scorers: those of the definition and of plugins, bound, and so *checks*.
    """
    scorers, checks = tuple(scorers), tuple(checks)
    names = {one.name for one in scorers if not one.prefix}, {one.name for one in checks if not one.prefix}
    # What a plugin gives is known where it says so.
    written = {use.id or use.use for use in (*definition.scores, *definition.risks)}
    written.update(name for one in (*scorers, *checks) for name in one.names)
    taken: set[str] = set()
    for index, warning in enumerate(definition.warnings):
        path = f"warnings[{index}]"
        if not is_name(warning.id):
            hint = "Use lower-case letters, digits and '_', starting with a letter, at most 64."
            yield Fault(f"{path}.id", "id.malformed", f"{warning.id!r} is no snake_case name", hint)
        elif warning.id in taken:
            yield Fault(f"{path}.id", "id.duplicate", f"{warning.id!r} is used again", "Rename one of the two.")
        taken.add(warning.id)
        yield from _source(path, warning, *names, written)
        yield from _threshold(path, warning, resting=definition.calendar == "calendar_days")
        yield from _risks(path, warning)


def _source(
    path: str, warning: EarlyWarning, scores: set[str], findings: set[str], written: set[str]
) -> Iterator[Fault]:
    name = warning.on
    if name in scores & findings:
        hint = "Give one of the two another id."
        yield Fault(f"{path}.on", "warning.ambiguous", f"{name!r} is both a score and a risk finding", hint)
    elif name not in scores | findings | written:
        near = did_you_mean(name, {*scores, *findings, *written})
        hint = f"Unless Pipeline(scorers=…) gives it, add it to scores or risks.{near}"
        if "." in name:
            hint = f"A plugin lists in its attribute 'advice' what its scores and findings are called.{near}"
        yield _warning(f"{path}.on", "warning.unsourced", f"no score or risk finding is called {name!r}", hint)


def _warning(path: str, code: str, text: str, hint: str) -> Fault:
    return Fault(path, code, text, hint, severity="warning")


def _threshold(path: str, warning: EarlyWarning, *, resting: bool) -> Iterator[Fault]:
    for key, value, known in (("op", warning.op, _OPS), ("level", warning.level, LEVELS)):
        if value not in known:
            hint = f"Use one of {', '.join(known)}.{did_you_mean(str(value), known)}"
            yield Fault(f"{path}.{key}", "value.choice", f"{value!r} is not known here", hint)
    end = warning.fire if warning.clear is None else warning.clear
    wrong = end > warning.fire if warning.op == "ge" else end < warning.fire
    if wrong or not (isfinite(end) and isfinite(warning.fire)):
        hint = "With op = 'ge', clear is at most fire; with 'le', at least."
        text = f"it fires at {warning.fire:g} and clears at {end:g}"
        yield Fault(f"{path}.clear", "warning.threshold", text, hint)
    if warning.evaluations < 1:
        hint = "Write 1 or more."
        yield Fault(f"{path}.evaluations", "warning.evaluations", f"{warning.evaluations} evaluations", hint)
    if warning.cool_down is not None:
        yield from check_length(f"{path}.cool_down", warning.cool_down)
    if warning.cool_down is not None and warning.cool_down.unit == "bd" and resting:
        hint = "Set calendar = 'weekdays', or write d."
        yield Fault(f"{path}.cool_down", "deadline.calendar", "working days need a working calendar", hint)


def _risks(path: str, warning: EarlyWarning) -> Iterator[Fault]:
    try:
        risk_to_open(warning)
    except (InputError, TypeError) as error:
        hint = "Write attributes of an entry of the kind risk."
        yield Fault(f"{path}.open_risk", "warning.risk", str(error).rstrip("."), hint)
    if warning.activate is not None:
        try:
            check_id(warning.activate, "id of a risk")
        except InputError as error:
            yield Fault(f"{path}.activate", "warning.risk", f"{error.what}: {warning.activate!r}", error.hint)
