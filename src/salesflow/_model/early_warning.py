"""
Early warnings, as a definition writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from .frozen import EMPTY, freeze, noun
from .risk_matrix import Level
from .values import Duration, Label, to_duration, to_label, to_tuple
from .written import written


def _to_pause(value: Any) -> Duration | None:
    return None if value is None else to_duration(value)


@noun
class EarlyWarning:
    """
    A threshold on a score or risk finding, which :meth:`salesflow.Pipeline.watch` evaluates, or ``tick`` at its rhythm.

    Args:
        id: snake_case.
        on: the name of a score or risk finding; of a finding, its signal is taken (0 where it did not fire).
        op: ``ge`` warns of high values, ``le`` of low values.
        fire: the value from which on it is raised.
        clear: the value beyond which it is cleared again, on the other side of *fire*; defaults to *fire*.
        evaluations: how often in a row the threshold must be reached.
        cool_down: how long no further notice is sent after an alert.
        level: how bad it is.
        action: what is recommended.
        open_risk: a risk that is put into the dossier with the alert: attributes of an entry ``risk``.
        open_issue: an issue that is put into the dossier with the alert: attributes of an entry ``issue``.
        activate: the id of a risk whose contingency plan is activated with the alert.
        every: when ``tick`` evaluates it, as a cadence writes it, such as ``daily 08:00``; without it only ``watch``
            does, which evaluates all.
        to: who is notified, as in the effect ``notify``.
    """

    id: str
    on: str
    fire: float
    op: Literal["ge", "le"] = attrs.field(default="ge", kw_only=True)
    clear: float | None = attrs.field(default=None, kw_only=True)
    evaluations: int = attrs.field(default=1, kw_only=True)
    cool_down: Duration | None = attrs.field(default=None, converter=_to_pause, kw_only=True)
    level: Level = attrs.field(default="medium", kw_only=True)
    action: Label = attrs.field(default=Label(), converter=to_label, kw_only=True)
    open_risk: Mapping[str, Any] = attrs.field(default=EMPTY, converter=freeze, eq=written, kw_only=True)
    open_issue: Mapping[str, Any] = attrs.field(default=EMPTY, converter=freeze, eq=written, kw_only=True)
    activate: str | None = attrs.field(default=None, kw_only=True)
    every: str = attrs.field(default="", kw_only=True)
    to: tuple[str, ...] = attrs.field(default=(), converter=to_tuple, kw_only=True)
