"""
The guards of the plugin: an expression over the fields, and an expression over the whole project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from salesflow import Verdict
from salesflow.dossier import BUILT_IN
from salesflow.errors import in_two_languages
from salesflow.guards import Remedy, failed, guard, passed, unknown
from salesflow.typing import Check, Context, Label

from ._program import Program, Unanswered
from ._reading import Reading, read
from ._values import variables


_CODES: Final = {
    "cel.not_met": Label("Not met: {rule}.", "未满足：{rule}。"),
    "cel.unknown": Label("Cannot be decided: {rule} ({problem}).", "无法判断：{rule}（{problem}）。"),
}
_LANGUAGES: Final = ("en", "zh")


def _reads(expr: str, **_params: Any) -> Iterable[str]:
    return read(expr, whole=True).fields


@guard("cel.expression", codes=_CODES, reads=_reads)
def expression(expr: str, *, message: Mapping[str, str] | None = None) -> Check:
    """
    Ask that an expression over the fields, ``stage``, ``outcome``, ``actor``, ``at`` and ``reason`` is true.

    A missing value makes the answer unknown, unless the rest of the expression decides.

    Args:
        expr: in the Common Expression Language, at most 2,000 characters.
        message: the text if it is not met, by language: ``en``, ``zh``. By default the expression.

    Raises:
        ValueError: with line and column, if the expression is not valid, uses an unknown name, or is
            nested too deeply.
    """
    return _check(read(expr), message)


@guard("cel.dossier", codes=_CODES, reads=_reads, kinds=("visit", *(entry.kind for entry in BUILT_IN)))
def dossier(expr: str, *, message: Mapping[str, str] | None = None) -> Check:
    """
    Ask the same with the whole project: the expression also sees ``entries`` by kind, and ``project``.

    ``entries.risk`` is the list of the risks, which may be empty; ``project`` has ``id``, ``name``,
    ``opened_at``, and ``entered_at``, the time when the stay in the stage began.

    Raises:
        ValueError: as in ``cel.expression``.
    """
    return _check(read(expr, whole=True), message)


def _check(reading: Reading, message: Mapping[str, str] | None) -> Check:
    program = Program(reading)
    rule = _label(message, reading.text)

    def check(ctx: Context) -> Verdict:
        try:
            holds = program.holds(variables(ctx, reading))
        except Unanswered as problem:
            absent = [name for name in reading.fields if ctx.project.fields.get(name) is None]
            cures = [Remedy("field", name) for name in absent or reading.fields]
            return unknown("cel.unknown", *cures, rule=rule, problem=problem.why, expr=reading.text)
        if holds:
            return passed()
        cures = [Remedy("field", name, {"expr": reading.text}) for name in reading.fields]
        return failed("cel.not_met", *cures, rule=rule, expr=reading.text)

    return check


def _label(message: Mapping[str, str] | None, text: str) -> str | Label:
    if message is None:
        return text
    if strange := [lang for lang in message if lang not in _LANGUAGES]:
        raise ValueError(
            in_two_languages(
                f"message has {', '.join(strange)}; write it in {' or '.join(_LANGUAGES)}.",
                f"message 中有 {'、'.join(strange)}；请用 {'、'.join(_LANGUAGES)} 之一书写。",
            )
        )
    return Label(**message)
