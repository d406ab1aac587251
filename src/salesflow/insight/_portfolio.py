"""
The portfolio: many projects at once, folded from their facts, and the figures that are computed from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from .._model.argument_types import explain_types
from .._model.risk_matrix import BANDS, make_matrix
from .._model.values import to_utc
from .._pipeline.pipeline import Pipeline, runtime_of
from .._pipeline.queries import to_where
from ..errors import InputError, nearest, say
from ._blocked import Blocked, blocked_in
from ._columns.columns import Columns, narrowed
from ._columns.dossiers import entries_of
from ._columns.frames import frame_of, table_of
from ._columns.periods import Period, Unit, to_period, to_zone
from ._columns.rates import Rates
from ._columns.reading import Reader
from ._columns.tables import moment
from ._comparison import Comparison, compared
from ._compute import compute
from ._deals import Probability
from ._detours import Detours, detours_in
from ._diagnosis import Diagnosis, diagnosed
from ._forecast import Forecast, forecast
from ._formulas.funnel import Funnel, funnel_of
from ._formulas.practices import PracticeReport, practices_of
from ._kpi import Kpi
from ._prospects import to_chance
from ._registry import KpiFormula, all_formulas, find_formula
from ._risk_levels import RiskOutcome, success_by_risk_of
from ._run_rate import RunRate, run_rate
from ._targets import TargetFigure, targets
from ._time_in_stage import TimeInStage, time_in_stage_of
from ._trend import Over, Trend, trend_of


PeriodLike: TypeAlias = str | Period | Sequence[Any] | None
"""A period as it is written; see :meth:`Portfolio.kpi`."""


E = TypeVar("E")
_MANY: Final = 10_000
"""From so many projects on it pays to load what computes with whole columns."""


@attrs.define(eq=False, repr=False)
class Portfolio:
    """
    Many projects at once, as figures see them. Made by :meth:`of`; :meth:`refresh` reads what is new.

    What :meth:`where` returns reads the same facts. Threads may share a portfolio while nobody refreshes it.

    Attributes:
        columns: what formulas read.
        kpis: the KPIs that it can compute, by name: built-in KPIs, those of plugins, and those of the host.
    """

    _reader: Reader = attrs.field(alias="reader")
    columns: Columns
    kpis: Mapping[str, KpiFormula]

    @classmethod
    @explain_types
    def of(
        cls,
        pipeline: Pipeline,
        *,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        lifecycle: str | None = None,
        under: str | None = None,
        where: Mapping[str, Any] | None = None,
        zone: str | tzinfo | None = None,
        rates: Rates | None = None,
        fiscal_year_start: int | None = None,
        computing: str | None = None,
        kpis: Sequence[KpiFormula] = (),
    ) -> Portfolio:
        """
        Fold the facts of a pipeline's store.

        Args:
            pipeline: whose store is read; its lifecycles, and the definitions that the store keeps, say what outcomes
                and fields mean.
            as_of: only what happened until then; by default everything.
            known_at: only what was recorded by then.
            lifecycle: the id of the only lifecycle that counts.
            under: the id of a project, such as a period: only what belongs to it counts, see :meth:`where`.
            where: a predicate on fields, ``stage`` and ``outcome``, such as ``{"owner": "li.wei"}``.
            zone: where days, months and years begin; by default the zone of the lifecycles.
            rates: what other currencies are worth; without them amounts are never mixed.
            fiscal_year_start: the month in which a business year begins; by default what the lifecycles say.
            computing: ``plain`` for plain Python, ``numpy`` for whole columns at a time, with equal figures; by default
                numpy for large portfolios, where it is installed.
            kpis: more KPIs that it can compute, besides the built-ins and those of the pipeline's plugins.

        Raises:
            InputError: for anything that cannot be meant so.
            UnknownProjectError: if no fact knows the project *under*.
        """
        if not isinstance(pipeline, Pipeline):
            raise InputError("pipeline", pipeline, say("input.a_pipeline"))
        if fiscal_year_start not in {None, *range(1, 13)}:
            raise InputError("fiscal_year_start=", fiscal_year_start, say("input.a_month"))
        if rates is not None and not isinstance(rates, Rates):
            raise InputError("rates=", rates, say("input.rates_made"))
        until = None if as_of is None else to_utc(as_of, "as_of=")
        known = None if known_at is None else to_utc(known_at, "known_at=")
        reader = Reader(runtime_of(pipeline), until, known)
        columns = Columns(
            reader.source,
            _computing(computing),
            None if where is None else to_where(reader.runtime, where),
            lifecycle,
            to_zone(zone),
            rates,
            fiscal_year_start,
        )
        made = cls(reader, columns, all_formulas(reader.runtime.lifecycles.values(), kpis))
        made.refresh()
        known_ids = sorted({name for name, _ in reader.runtime.lifecycles})
        if lifecycle is not None and not made and lifecycle not in known_ids:
            raise InputError(
                "lifecycle=", lifecycle, say("input.choice", known=known_ids, near=nearest(lifecycle, known_ids))
            )
        return made if under is None else made.where(under=under)

    def refresh(self) -> int:
        """
        Read the facts that were written since the last call, and return how many. The clock is read again as well.
        """
        return self._reader.read()

    @explain_types
    def where(
        self, where: Mapping[str, Any] | None = None, *, lifecycle: str | None = None, under: str | None = None
    ) -> Portfolio:
        """
        Return the same portfolio with some of its projects only.

        Args:
            where: a predicate on fields, ``stage`` and ``outcome``, as they are now.
            lifecycle: the id of the only lifecycle that counts.
            under: the id of a project: only those count that belong to it now, directly or over others. It is not
                among them, nor is what any of them spawned. So its figures are computed from the facts below it;
                they are not means of figures.

        Raises:
            InputError: for a field or a lifecycle that is not known.
            UnknownProjectError: if no fact knows the project *under*.
        """
        predicate = None if where is None else to_where(self._reader.runtime, where)
        return Portfolio(self._reader, narrowed(self.columns, predicate, lifecycle, under), self.kpis)

    def __len__(self) -> int:
        return len(self.columns.included())

    def __repr__(self) -> str:
        return f"<Portfolio of {len(self)} projects as of {self.as_of.isoformat()}>"

    @property
    def as_of(self) -> datetime:
        """
        The time up to which projects that are still open are measured.
        """
        return moment(self.columns.source.now)

    @explain_types
    def table(self, name: str) -> Mapping[str, Sequence[Any]]:
        """
        Return a table of the portfolio as plain columns by name.

        Args:
            name: ``projects``, ``visits``, ``moves``, ``refusals``, ``passed`` (deadlines), ``entry_moves``, or a kind
                of entries.

        Raises:
            InputError: for a table that is not there.
        """
        return table_of(self.columns, name)

    @explain_types
    def entries(self, kind: type[E]) -> Sequence[tuple[str, E]]:
        """
        Return the entries of one class as they are now, each with the id of its project.
        """
        names = self.columns.tables.projects.id
        return [(names[row], entry) for row, entry in entries_of(self.columns, kind)]

    @explain_types
    def frame(self, name: str, library: str = "pandas") -> Any:
        """
        Return a table of the portfolio as a data frame.

        Args:
            name: as in :meth:`table`.
            library: ``pandas``, ``polars`` or ``pyarrow``, installed together with the extra ``salesflow[frames]``.

        Raises:
            InputError: for a table that is not there, and for a library that is not known or not installed.
        """
        return frame_of(self.columns, name, library)

    @explain_types
    def kpi(
        self,
        name: str,
        *,
        period: PeriodLike = None,
        by: str | None = None,
        variant: str = "",
        lifecycle: str | None = None,
        under: str | None = None,
        **params: Any,
    ) -> Kpi:
        """
        Compute a figure.

        Args:
            name: of the KPI, such as ``win_rate``.
            period: ``2026``, ``2026-Q1``, ``2026-03``, ``2026-W05``, ``FY2026``, or two dates or times; half-open. By
                default all the time until :attr:`as_of`.
            by: what to group by: a field, or ``owner``, ``customer``, ``product``, ``market``, ``source``, ``stage``,
                ``phase``, ``lifecycle``, ``outcome``, ``cycle``, ``year``, ``quarter``, ``month``, ``week``.
            variant: a named way to compute it.
            lifecycle: the id of the only lifecycle that counts; figures by stage need it where there are several.
            under: the id of a project, to compute it over all that belong to it, see :meth:`where`.
            **params: what the KPI takes besides.

        Raises:
            InputError: for an unknown KPI, variant, group or period; for amounts in several currencies without rates.
            PluginError: if the formula of a plugin or of the host fails itself.
        """
        known = self.kpis
        formula = find_formula(name, known)
        columns, span = self._asked(period, lifecycle, under)
        return compute(columns, known, formula, span, by, variant, params)

    @explain_types
    def forecast(
        self,
        *,
        period: PeriodLike = None,
        by: str | None = None,
        probability: Probability | None = None,
        age_floor: str | float | Decimal | None = None,
    ) -> Forecast:
        """
        Say what the open projects are worth, by the probability and the category of each.

        The probability is that of the field ``probability``, where the project has one, else that of its stage; the
        category likewise, by the field ``forecast``. A hold leaves both as they were, unless it states others.

        Args:
            period: which expected closes, and which wins, count: as in :meth:`kpi`. By default every open and every won
                project.
            by: what to group by, as in :meth:`kpi`; periods are those of the expected close.
            probability: says how likely each open project is to be won, by its id: 0 to 1, or ``None`` where it does
                not know. For models of the host's own.
            age_floor: lowers the probability of projects that are older than 75 % of the won projects were, by
                that age divided by their own, at most to this share, such as ``"0.3"``. By default age does not matter.

        Raises:
            InputError: for an unknown group or period, an *age_floor* outside 0 to 1, a probability that is none, and
                for amounts in several currencies without rates.
        """
        floor = None if age_floor is None else to_chance(age_floor)
        if age_floor is not None and floor is None:
            raise InputError("age_floor=", age_floor, say("input.share"))
        columns, span = self._asked(period, None)
        return forecast(columns, span, by, probability, floor)

    @explain_types
    def accuracy(
        self,
        *,
        period: PeriodLike = None,
        over: Unit = "month",
        lead: int = 0,
        by: str | None = None,
        basis: str = "known_then",
    ) -> Kpi:
        """
        Say how far forecasts were off: the KPI ``forecast_accuracy``, a weighted absolute percentage error (WAPE).

        The parts are ``wape``, ``mape``, ``bias``, ``naive`` (the WAPE of taking what the period before brought),
        ``value_added`` (that less ours, below 0 is worse than naive), ``left_out`` (periods without sales, which MAPE
        leaves out) and ``basis``: ``stored`` where snapshots keep what was forecast then, else ``known_then`` or
        ``known_today``, or ``mixed``. The rows are the periods.

        Args:
            period: the periods that lie in it count, if they have ended; by default all of them.
            over: how long the periods are.
            lead: how many days before a period its forecast was made.
            by: what to group by, as in :meth:`kpi`.
            basis: what is known of the past where no snapshot is stored: ``known_then``, or ``known_today`` for a past
                that was imported later.

        Raises:
            InputError: for an unknown period, unit, group or basis; for amounts in several currencies without rates.
        """
        return self.kpi("forecast_accuracy", period=period, by=by, over=over, lead=lead, basis=basis)

    @explain_types
    def run_rate(self, *, over: Unit = "month", last: int = 3, ahead: int = 3) -> RunRate:
        """
        Say what the coming periods bring if they are like the last periods: run rate, season, and naive forecasts.

        Args:
            over: how long the periods are.
            last: how many periods the run rate is the mean of.
            ahead: how many coming periods.

        Raises:
            InputError: for an unknown unit, less than one period, and for several currencies without rates.
        """
        return run_rate(self.columns, over, last, ahead)

    @explain_types
    def targets(self) -> Sequence[TargetFigure]:
        """
        Return every version of every goal and KPI target, and the targets of the definitions, each with what came.

        A target of a period project, which has the fields ``period_start`` and ``period_end``, or for a group, is about
        all projects in the time of the target; where projects belong to the period, about those. A target of any other
        project is about that project alone.

        Raises:
            InputError: for amounts in several currencies without rates.
        """
        return targets(self.columns, self.kpis)

    @explain_types
    def funnel(self, *, period: PeriodLike = None, by: str | None = None, lifecycle: str | None = None) -> Funnel:
        """
        Return how many projects reached each stage, their amounts, and which share of them went on.

        Only forward moves count: a loop raises nothing, a stage that was skipped is reached, and lost projects stay in.

        Args:
            period: in which a stage was reached, as in :meth:`kpi`.
            by: what to group by, as in :meth:`kpi`.
            lifecycle: the id of the only lifecycle that counts; needed where there are several.

        Raises:
            InputError: for several lifecycles, an unknown group or period, and amounts in several currencies.
        """
        columns, span = self._asked(period, lifecycle)
        return funnel_of(columns, span, by)

    @explain_types
    def time_in_stage(
        self,
        *,
        stage: str | None = None,
        period: PeriodLike = None,
        by: str | None = None,
        lifecycle: str | None = None,
    ) -> TimeInStage:
        """
        Return how long visits to each stage last, with those that still go on (Kaplan and Meier), in days.

        Args:
            stage: the only one; by default all that are not final.
            period: in which a visit began, as in :meth:`kpi`.
            by: what to group by, as in :meth:`kpi`.
            lifecycle: the id of the only lifecycle that counts; needed where there are several.

        Raises:
            InputError: for several lifecycles, and an unknown stage, group or period.
        """
        columns, span = self._asked(period, lifecycle)
        return time_in_stage_of(columns, span, by, stage)

    @explain_types
    def blocked(self) -> Blocked:
        """
        Return what holds up the open projects: by guard, with the amounts behind it, and by whose turn it is.

        Each project is decided for an actor without roles, once; again after a new fact, on another
        day, and every time where only time must pass.

        Raises:
            InputError: for amounts in several currencies without rates.
            DefinitionChangedError: if a definition was changed under its version.
        """
        return blocked_in(self._reader, self.columns)

    @explain_types
    def detours(self, *, lifecycle: str | None = None) -> Detours:
        """
        Return where projects leave the straight way: loops, skipped stages, holds, and waiting at gates, in days.

        Args:
            lifecycle: the id of the only lifecycle that counts; needed where there are several.

        Raises:
            InputError: for several lifecycles.
        """
        return detours_in(self._asked(None, lifecycle)[0])

    @explain_types
    def success_by_risk(
        self, *, bands: Mapping[str, int] = BANDS, lifecycle: str | None = None
    ) -> tuple[RiskOutcome, ...]:
        """
        Return how many projects were won, by the worst level of the risks that were open when they entered each stage.

        Args:
            bands: the lowest score of each level above ``low``.
            lifecycle: the id of the only lifecycle that counts; needed where there are several.

        Raises:
            InputError: for several lifecycles, and bands that fall.
        """
        return success_by_risk_of(self._asked(None, lifecycle)[0], make_matrix(bands))

    @explain_types
    def diagnose(
        self, *, by: str = "owner", period: PeriodLike = None, minimum: int = 5, lifecycle: str | None = None
    ) -> tuple[Diagnosis, ...]:
        """
        Return the groups whose figures stand out together, such as many wins of small deals, each with what to do.

        A rate stands out only if that of the whole lies outside its interval (Wilson, 95 %).

        Args:
            by: what to group by, as in :meth:`kpi`.
            period: as in :meth:`kpi`.
            minimum: how many cases every figure of a group needs.
            lifecycle: the id of the only lifecycle that counts.

        Raises:
            InputError: for an unknown group or period, and amounts in several currencies.
        """
        return diagnosed(lambda name: self.kpi(name, period=period, by=by, lifecycle=lifecycle), minimum)

    @explain_types
    def practices(
        self, *, period: PeriodLike = None, project: str | None = None, lifecycle: str | None = None
    ) -> PracticeReport:
        """
        Score the twenty practices of a sales manager from records: two items each, with what would raise the points.

        An item has 0 points if no record that counts is as it asks, 2 if four of five are, and 1 in between. The
        points by those that could be had are the KPI ``practice_score``.

        Args:
            period: as in :meth:`kpi`. What happened in it counts, and the state at its end.
            project: the id of the only project that counts.
            lifecycle: the id of the only lifecycle that counts.

        Raises:
            UnknownProjectError: for a project that the portfolio does not have.
            InputError: for an unknown lifecycle or period.
        """
        columns, span = self._asked(period, lifecycle)
        return practices_of(columns, span, project)

    @explain_types
    def compare(
        self,
        name: str,
        other: Portfolio | Mapping[str, Any] | None = None,
        *,
        period: PeriodLike = None,
        other_period: PeriodLike = None,
        variant: str = "",
        **params: Any,
    ) -> Comparison:
        """
        Compare one figure of this portfolio with that of another, with the interval of the difference for rates.

        Args:
            name: of the KPI.
            other: the other portfolio, or a predicate on the projects of this portfolio, as :meth:`where` takes it; by
                default the same projects, in another period: before and after an adjustment.
            period: as in :meth:`kpi`.
            other_period: that of the other; by default the same.
            variant: a named way to compute it.
            **params: what the KPI takes besides.

        Raises:
            InputError: as :meth:`kpi` and :meth:`where` do, and for an *other* that is neither.
        """
        if other is not None and not isinstance(other, (Portfolio, Mapping)):
            raise InputError("other", other, say("input.cohort"))
        against = self if other is None else other if isinstance(other, Portfolio) else self.where(other)
        then = period if other_period is None else other_period
        return compared(
            self.kpi(name, period=period, variant=variant, **params),
            against.kpi(name, period=then, variant=variant, **params),
        )

    @explain_types
    def trend(
        self, name: str, *, over: Over = "periods", unit: Unit = "month", period: PeriodLike = None, variant: str = ""
    ) -> Trend:
        """
        Return a figure from period to period, or from cycle to cycle: each change, and whether it is for the better.

        Cycles are the periods of period projects (fields ``period_start`` and ``period_end``), else all first projects,
        those that these spawned in the same lifecycle, and so on.

        Args:
            name: of the KPI.
            over: ``periods``, each as long as *unit* says, or ``cycles``.
            period: the periods that it touches count; by default all since the first project.
            variant: a named way to compute it.

        Raises:
            InputError: as :meth:`kpi` does, and for an unknown *over* or *unit*.
        """
        return trend_of(self.columns, partial(self.kpi, name, variant=variant), over, unit, period)

    @explain_types
    def velocity(self, *, period: PeriodLike = None, by: str | None = None, lifecycle: str | None = None) -> Kpi:
        """
        Return how much money a day the pipeline makes: the KPI ``pipeline_velocity``.

        Its parts are ``opportunities``, ``average_deal_value``, ``win_rate`` and ``cycle_days``.

        Args:
            period: in which projects were won or lost, as in :meth:`kpi`; open projects are those of today.
            by: what to group by, as in :meth:`kpi`.
            lifecycle: the id of the only lifecycle that counts.

        Raises:
            InputError: for an unknown group or period, and amounts in several currencies.
        """
        return self.kpi("pipeline_velocity", period=period, by=by, lifecycle=lifecycle)

    def _of(self, lifecycle: str | None, under: str | None) -> Columns:
        return self.columns.derive(
            ("of", lifecycle, under), lambda: self.where(lifecycle=lifecycle, under=under).columns
        )

    def _asked(
        self, period: PeriodLike, lifecycle: str | None, under: str | None = None
    ) -> tuple[Columns, Period | None]:
        columns = self.columns if lifecycle is under is None else self._of(lifecycle, under)
        return columns, None if period is None else to_period(period, columns.zone, columns.fiscal_start)


def _computing(given: str | None) -> Callable[[int], Any]:
    """
    Return what says what computes with the columns of so many projects: numpy, or ``None`` for plain Python.
    """
    if given not in {None, "plain", "numpy"}:
        raise InputError("computing=", given, say("input.choice", known=("plain", "numpy"), near=None))
    if given == "numpy" and find_spec(given) is None:
        raise InputError("computing=", given, say("input.computing"))

    def computed(projects: int) -> Any:
        if given == "plain" or (given is None and (projects < _MANY or find_spec("numpy") is None)):
            return None
        return import_module(f"{__package__}._numpy")

    return computed
