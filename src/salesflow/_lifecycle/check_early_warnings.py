"""
Checks the early warnings of a definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Final

from .._definition.report import Fault, fault, unknown_choice, warning as lint_warning
from .._model.advice import BoundAdvice
from .._model.definition import Definition
from .._model.early_warning import EarlyWarning
from .._model.risk_matrix import LEVELS
from .._model.values import check_id, is_name
from ..errors import InputError, nearest, reason_of
from .deadlines import check_length
from .early_warnings import issue_to_open, risk_to_open


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
            yield fault(f"{path}.id", "id.malformed", name=warning.id)
        elif warning.id in taken:
            yield fault(f"{path}.id", "id.duplicate/use", name=warning.id)
        taken.add(warning.id)
        yield from _source(path, warning, *names, written)
        yield from _threshold(path, warning, resting=definition.calendar == "calendar_days")
        yield from _risks(path, warning)


def _source(
    path: str, warning: EarlyWarning, scores: set[str], findings: set[str], written: set[str]
) -> Iterator[Fault]:
    name = warning.on
    if name in scores & findings:
        yield fault(f"{path}.on", "warning.ambiguous", name=name)
    elif name not in scores | findings | written:
        near = nearest(name, {*scores, *findings, *written})
        kind = "warning.unsourced/plugin" if "." in name else "warning.unsourced"
        yield lint_warning(f"{path}.on", kind, name=name, near=near)


def _threshold(path: str, warning: EarlyWarning, *, resting: bool) -> Iterator[Fault]:
    for key, value, known in (("op", warning.op, _OPS), ("level", warning.level, LEVELS)):
        if value not in known:
            yield unknown_choice(f"{path}.{key}", value, known)
    end = warning.fire if warning.clear is None else warning.clear
    wrong = end > warning.fire if warning.op == "ge" else end < warning.fire
    if wrong or not (isfinite(end) and isfinite(warning.fire)):
        yield fault(f"{path}.clear", "warning.threshold", fire=f"{warning.fire:g}", clear=f"{end:g}")
    if warning.evaluations < 1:
        yield fault(f"{path}.evaluations", "warning.evaluations", count=warning.evaluations)
    if warning.cool_down is not None:
        yield from check_length(f"{path}.cool_down", warning.cool_down)
    if warning.cool_down is not None and warning.cool_down.unit == "bd" and resting:
        yield fault(f"{path}.cool_down", "deadline.calendar")


def _risks(path: str, warning: EarlyWarning) -> Iterator[Fault]:
    for key, made in (("open_risk", risk_to_open), ("open_issue", issue_to_open)):
        try:
            made(warning)
        except (InputError, TypeError) as error:
            yield fault(f"{path}.{key}", f"warning.{key.removeprefix('open_')}", why=reason_of(error))
    if warning.activate is not None:
        try:
            check_id(warning.activate, "id of a risk")
        except InputError as error:
            yield fault(f"{path}.activate", "warning.risk/id", what=error.what, value=error.value, hint=error.hint)
