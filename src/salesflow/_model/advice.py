"""
Advice, which never decides: scores, risk findings, and their uses in a definition.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from math import inf
from typing import Any, ClassVar, Generic, Literal, NamedTuple, ParamSpec, TypeAlias, TypeVar

import attrs

from ..errors import InputError, say
from .cadence import ClosedSlot
from .calendar import WEEKDAYS, Calendar
from .definition import Stage
from .facts import Fact
from .frozen import EMPTY, FrozenDict, freeze, noun
from .messages import ADVICE_MESSAGES, PLAIN_WORDING, Wording, default_message, render
from .parameters import OfFactory, call_params, documented, shown_call
from .predicate import Predicate, holds
from .project import Project, field_value
from .risk_matrix import Level
from .uses import AdviceUse
from .values import Label, to_label
from .zones import local_date


P = ParamSpec("P")
A = TypeVar("A")

RiskStatus: TypeAlias = Literal["fired", "clear", "unknown"]
"""The status of a finding. ``unknown`` is neither an alarm nor the absence of one."""


@noun
class Contribution:
    """
    The contribution of one factor to a score.

    Attributes:
        factor: what was looked at, for example ``champion``.
        value: what was found there; ``None`` where nothing is known.
        share: what it adds, in the unit that the score's method states.
        note: a sentence for people, where the share does not say it all; a text counts as English.
    """

    factor: str
    value: Any = None
    share: float = 0.0
    note: Label = attrs.field(default=Label(), converter=to_label)


@noun
class Score:
    """
    A named number about a project, with where it comes from.

    Attributes:
        name: the id of its use, or a plugin's name for it, such as ``meddicc.score``.
        value: within *low* and *high*; ``None`` if it cannot be computed, and *code* says why.
        contributions: what each factor adds.
        n: the size of the sample it rests on; ``None`` where there is none.
        interval: where the true value lies with 95 % confidence, if the method knows.
        method: how it is computed, for example ``scorecard`` or ``naive_bayes``.
        version: of the method or of the fitted model.
        code: why there is no value, for example ``insufficient_data``.
        evidence: the values that were looked at.
        error: the text of an exception, when the scorer raised.
        plugin: who gives it, and in *plugin_version* in which version; a scorer that was handed to
            the pipeline goes by its own name.

    Raises:
        InputError: for a value outside its range.
    """

    name: str
    value: float | None
    low: float = attrs.field(default=0.0, kw_only=True)
    high: float = attrs.field(default=100.0, kw_only=True)
    contributions: tuple[Contribution, ...] = attrs.field(default=(), kw_only=True)
    n: int | None = attrs.field(default=None, kw_only=True)
    interval: tuple[float, float] | None = attrs.field(default=None, kw_only=True)
    method: str = attrs.field(default="", kw_only=True)
    version: str = attrs.field(default="1", kw_only=True)
    code: str = attrs.field(default="", kw_only=True)
    evidence: Mapping[str, Any] = attrs.field(default=EMPTY, converter=freeze, kw_only=True)
    error: str | None = attrs.field(default=None, kw_only=True)
    plugin: str = attrs.field(default="salesflow", kw_only=True)
    plugin_version: str = attrs.field(default="", kw_only=True)
    codes: Mapping[str, Label] = attrs.field(default=EMPTY, repr=False, eq=False, kw_only=True)
    wording: Wording = attrs.field(default=PLAIN_WORDING, repr=False, eq=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        try:
            strange = self.value is not None and not self.low <= self.value + 0 <= self.high
        except (TypeError, ArithmeticError):
            raise InputError(say("what.score_value", given=self.name), self.value, say("input.numbers")) from None
        if strange:
            hint = say("input.range", low=f"{self.low:g}", high=f"{self.high:g}")
            raise InputError(say("what.score_value", given=self.name), self.value, hint)

    @property
    def ratio(self) -> float | None:
        """
        The position of the value in its range, 0 to 1; ``None`` without a value, or where the range has no end.
        """
        if self.value is None or not 0 < self.high - self.low < inf:
            return None
        return (self.value - self.low) / (self.high - self.low)

    def message(self, lang: str = "en") -> str:
        """
        Say in one sentence why there is no value; empty if there is one.
        """
        if self.value is not None:
            return ""
        parts = {**self.evidence, "error": self.error or "", "plugin": self.plugin, "name": self.name}
        code = self.code or "value.missing"
        return render(self.codes.get(code) or default_message(ADVICE_MESSAGES, code), parts, lang, self.wording)


@noun
class Finding:
    """
    The finding of one risk check.

    Attributes:
        check: the id of its use, or a plugin's name for it.
        status: see :data:`RiskStatus`.
        level: how bad it is, when it fired.
        signal: how strongly it speaks, 0 to 1; 0 when it did not fire.
        code: what exactly was found.
        evidence: the values that were looked at.
        action: what is recommended, for people.
        error: the text of an exception, when the check raised.
        plugin: who gives it, and in *plugin_version* in which version.
    """

    check: str
    status: RiskStatus
    level: Level = attrs.field(default="low", kw_only=True)
    signal: float = attrs.field(default=0.0, kw_only=True)
    code: str = attrs.field(default="", kw_only=True)
    evidence: Mapping[str, Any] = attrs.field(default=EMPTY, converter=freeze, kw_only=True)
    action: Label = attrs.field(default=Label(), kw_only=True)
    error: str | None = attrs.field(default=None, kw_only=True)
    plugin: str = attrs.field(default="salesflow", kw_only=True)
    plugin_version: str = attrs.field(default="", kw_only=True)
    codes: Mapping[str, Label] = attrs.field(default=EMPTY, repr=False, eq=False, kw_only=True)
    wording: Wording = attrs.field(default=PLAIN_WORDING, repr=False, eq=False, kw_only=True)

    def message(self, lang: str = "en") -> str:
        """
        Say in one sentence what was found.
        """
        parts = {**self.evidence, "error": self.error or "", "plugin": self.plugin, "check": self.check}
        label = self.codes.get(self.code) or default_message(ADVICE_MESSAGES, self.code)
        return render(label, parts, lang, self.wording)


@noun
class StageNorm:
    """
    How closed projects passed one stage.

    Attributes:
        reached: how many closed projects reached it or a later stage, and *won* how many of these were won.
        days: calendar days that won projects spent in it, sorted.
        working_days: working days that all closed projects spent in it, sorted.
        open: how many projects are in it now; one on hold is in the stage that the hold interrupts.
    """

    reached: int = 0
    won: int = 0
    days: tuple[float, ...] = ()
    open: int = 0
    working_days: tuple[float, ...] = ()


@noun
class OwnerNorm:
    """
    How the closed projects of one owner ended.

    Attributes:
        amounts: of the field ``amount`` of the won projects, sorted, in the currency that most of them have.
    """

    won: int = 0
    closed: int = 0
    amounts: tuple[float, ...] = ()


@noun
class Norms:
    """
    What closed projects of a lifecycle were like, to compare open projects with; and who serves which customer.

    Attributes:
        stages: how projects passed each stage, by its id.
        owners: how the projects of each owner ended, by name.
        customers: the owners of the open projects of each customer, by project id.
    """

    stages: Mapping[str, StageNorm] = attrs.field(default=EMPTY, converter=freeze)
    owners: Mapping[str, OwnerNorm] = attrs.field(default=EMPTY, converter=freeze)
    customers: Mapping[str, Mapping[str, str]] = attrs.field(default=EMPTY, converter=freeze)


def _no_slots(_cadence: str) -> tuple[ClosedSlot, ...]:
    return ()


class AdviceContext(NamedTuple):
    """
    Everything a scorer or a risk check may look at.

    Attributes:
        project: as it stands.
        at: when, UTC. There is no other clock.
        stage: the definition of the project's stage.
        stages: all stages, in file order.
        history: the project's facts, oldest first.
        norms: what closed projects were like, if that was asked for.
        scores: the scores computed before, by name, for scorers that combine them.
        findings: the findings of risk checks, for scores that read them.
        calendar: the lifecycle's working days, and its time zone; Monday to Friday where it counts calendar days.
        closed_slots: returns the slots of a cadence that closed in the last year, by its id, in order.
    """

    project: Project
    at: datetime
    stage: Stage
    stages: tuple[Stage, ...]
    history: Sequence[Fact] = ()
    norms: Norms | None = None
    scores: Mapping[str, Score] = EMPTY
    findings: tuple[Finding, ...] = ()
    calendar: Calendar = WEEKDAYS
    closed_slots: Callable[[str], Sequence[ClosedSlot]] = _no_slots

    @property
    def today(self) -> date:
        """
        The day of *at* in the lifecycle's time zone.
        """
        return local_date(self.at, self.calendar.zone)


Advice: TypeAlias = Callable[[AdviceContext], A]
"""What a scorer or a risk check does: pure, and silent about the world outside its context."""


@noun(slots=False, eq=False, repr=False)
class BoundAdvice:
    """
    One scorer or risk check, bound: what is asked, and who answers.

    Attributes:
        name: what its score or finding is called.
        ask: takes the context; a plugin's takes what it needs of it.
        when: where this is false, it is not asked.
        plugin: who brought it, and in *version* in which version.
        prefix: what the names of its answers begin with, before a dot; empty where any name is right.
        names: those of a plugin's answers, if the plugin says which there are.
    """

    name: str
    ask: Callable[[AdviceContext], Any]
    when: Predicate | None = None
    codes: Mapping[str, Label] = EMPTY
    plugin: str = "salesflow"
    version: str = ""
    prefix: str = ""
    names: tuple[str, ...] = ()

    def applies(self, ctx: AdviceContext) -> bool:
        """
        Tell whether it is asked about this project; unknown asks it.
        """
        return self.when is None or holds(self.when, lambda name: field_value(ctx.project, name)) is not False


def _nothing(*_args: Any, **_params: Any) -> tuple[str, ...]:
    return ()


@noun(eq=False, repr=False)
class AdviceKind(Generic[P, A]):
    """
    A scorer or a risk check that definitions can use by name; calling it gives an ``AdviceUse``.

    Attributes:
        factory: takes the parameters and returns what advises.
        codes: a message for each code, ``{name}`` taken from the evidence.
        reads: takes the same parameters; the field ids that are read.
        typed_by: parameters that are literals of a field, as ``{"value": "field"}``.
        cadences: takes the same parameters; the ids of the cadences whose slots are read.
    """

    __doc__ = OfFactory(documented, __doc__)  # pyright: ignore[reportAssignmentType] -- it gives a text
    __signature__: ClassVar[OfFactory[inspect.Signature]] = OfFactory(inspect.signature)

    name: str
    factory: Callable[P, Advice[A]]
    codes: Mapping[str, Label] = EMPTY
    reads: Callable[..., Iterable[str]] = _nothing
    typed_by: Mapping[str, str] = EMPTY
    cadences: Callable[..., Iterable[str]] = _nothing

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> AdviceUse:
        return AdviceUse(self.name, call_params(self.name, self.factory, args, kwargs))

    def __repr__(self) -> str:
        return shown_call(self.name, self.factory)


def advises(
    name: str,
    *,
    codes: Mapping[str, Label] = EMPTY,
    reads: Callable[..., Iterable[str]] = _nothing,
    typed_by: Mapping[str, str] = EMPTY,
    cadences: Callable[..., Iterable[str]] = _nothing,
) -> Callable[[Callable[P, Advice[A]]], AdviceKind[P, A]]:
    """
    Declare a scorer or a risk check on a factory ``f(*, params) -> Advice``.
    """

    def declare(factory: Callable[P, Advice[A]]) -> AdviceKind[P, A]:
        return AdviceKind(name, factory, FrozenDict(codes), reads, typed_by, cadences)

    return declare
