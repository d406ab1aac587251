"""
What figures read: the tables of a portfolio, the definitions named in its facts, and columns derived from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar, cast

import attrs

from ..._lifecycle.bind_cadences import BoundCadence
from ..._lifecycle.wording import title_of
from ..._model.calendar import CALENDAR_DAYS, Calendar
from ..._model.definition import Definition, Outcome, Stage
from ..._model.predicate import Junction, Predicate, bind_predicate
from ..._model.values import Label
from ...errors import InputError, UnknownProjectError, nearest, say
from .rates import Rates
from .tables import NEVER, NONE, Moves, Tables, Visits, moment


C = TypeVar("C")


@attrs.define(eq=False, repr=False)
class Source:
    """
    The state of a fold: its tables, and what it knows of lifecycles.

    Attributes:
        tables: the columns.
        definitions: for each lifecycle in :attr:`Tables.lifecycles`; ``None`` for one that nobody has.
        calendars: the calendar of each lifecycle.
        cadences: the cadences of each lifecycle.
        given: the definitions of the pipeline, which count while there are no facts.
        now: the time up to which projects that are still open are measured, in microseconds.
        refusals: whether refused attempts are recorded.
        readings: how often it was read; what was derived before holds no longer.
        grown: what grows with a table, by its name and the table, and is kept from reading to reading.
    """

    tables: Tables
    definitions: list[Definition | None] = attrs.Factory(list["Definition | None"])
    calendars: list[Calendar] = attrs.Factory(list[Calendar])
    cadences: list[tuple[BoundCadence, ...]] = attrs.Factory(list["tuple[BoundCadence, ...]"])
    given: Sequence[Definition] = ()
    now: int = NEVER
    refusals: bool = True
    readings: int = 0
    grown: dict[object, Any] = attrs.Factory(dict[object, Any])


@attrs.define(eq=False, repr=False)
class Columns:
    """
    A view of a source: which of its projects count, and in what zone and currency.

    Attributes:
        source: what was folded.
        computing: returns what computes with the whole columns of so many projects, or ``None``.
        where: which projects count; ``None`` for all.
        lifecycle: the id of the only lifecycle that counts; ``None`` for all.
        under: ids of projects; only those that belong to all of them, directly or over others, count.
        given_zone: where days begin, if that was said.
        rates: of other currencies.
        fiscal_year_start: the month in which a business year begins, if that was said.
        cache: columns that were derived, by name.
        reading: the reading of the source that they were derived from.
    """

    source: Source
    computing: Callable[[int], Any]
    where: Predicate | None = None
    lifecycle: str | None = None
    given_zone: tzinfo | None = None
    rates: Rates | None = None
    fiscal_year_start: int | None = None
    under: tuple[str, ...] = ()
    cache: dict[object, Any] = attrs.Factory(dict[object, Any])
    reading: int = 0

    @property
    def tables(self) -> Tables:
        """
        The tables that were folded.
        """
        return self.source.tables

    @property
    def now(self) -> datetime:
        """
        The time up to which projects that are still open are measured.
        """
        return moment(self.source.now)

    def derive(self, name: object, make: Callable[[], C]) -> C:
        """
        Return a derived column, made once until the portfolio is read again.
        """
        if self.reading != self.source.readings:
            self.cache.clear()
            self.reading = self.source.readings
        found = self.cache.get(name)
        if found is None:
            found = self.cache[name] = make()
        return cast("C", found)

    @property
    def computed(self) -> Any:
        """
        What computes with whole columns; ``None`` where plain Python does: for a small portfolio, and without numpy.
        """
        return self.computing(len(self.tables.projects.id))

    @property
    def zone(self) -> tzinfo:
        """
        Where days begin: what was said, or the zone of all lifecycles.

        Raises:
            InputError: if their zones differ and none was said.
        """
        if self.given_zone is not None:
            return self.given_zone
        zones = {str(each.zone): each.zone for each in self.definitions()}
        if len(zones) > 1:
            raise InputError("zone=", ", ".join(sorted(zones)), say("input.several_zones"))
        return next(iter(zones.values()), UTC)

    @property
    def fiscal_start(self) -> int:
        """
        The month in which a business year begins: what was said, or what the lifecycles say.
        """
        said = [each.insight.fiscal_year_start for each in self.definitions()]
        return self.fiscal_year_start or next(iter(said), 1)

    def definitions(self) -> Sequence[Definition]:
        """
        Return the definitions of the lifecycles that count, in the order in which they were met.

        Before any was met they are those of the pipeline.
        """
        met = self.source.definitions
        found = [each for each in met if each is not None] if met else self.source.given
        return [each for each in found if self.lifecycle in {None, each.id}]

    def included(self) -> Sequence[int]:
        """
        Return the rows of the projects that count, in the order of their openings.
        """
        return self.derive("included", self._included)

    def _included(self) -> Sequence[int]:
        projects, lifecycles = self.tables.projects, self.tables.lifecycles
        rows: Sequence[int] = range(len(projects.id))
        if self.lifecycle is not None:
            wanted = {number for number, (name, _) in enumerate(lifecycles) if name == self.lifecycle}
            rows = [row for row in rows if projects.lifecycle[row] in wanted]
        for name in self.under:
            below = self.below(name)
            rows = [row for row in rows if row in below]
        if self.where is not None:
            holds = bind_predicate(self.where, self._reader)
            rows = [row for row in rows if holds(row)]
        return self.vector(rows)

    def vector(self, numbers: Sequence[int]) -> Sequence[int]:
        """
        Return numbers as a vector where whole columns are computed with.
        """
        return numbers if self.computed is None else cast("Sequence[int]", self.computed.vector(numbers))

    def below(self, project_id: str) -> frozenset[int]:
        """
        Return the rows of the projects that belong to a project, directly or over others; it is not among them.

        A spawned project does not belong to the project that spawned it.
        """
        names, spawned = self.tables.projects.id, self.tables.spawned
        found, ahead = set[int](), [project_id]
        while ahead:
            rows = self._children().get(ahead.pop(), ())
            new = [row for row in rows if row not in found and names[row] not in spawned and names[row] != project_id]
            found.update(new)
            ahead += [names[row] for row in new]
        return frozenset(found)

    def _children(self) -> Mapping[str, Sequence[int]]:
        def gathered() -> Mapping[str, Sequence[int]]:
            found: dict[str, list[int]] = {}
            for row, parent in enumerate(self.tables.projects.parent):
                if parent is not None:
                    found.setdefault(parent, []).append(row)
            return found

        return self.derive("children", gathered)

    def includes(self) -> Sequence[int]:
        """
        Return, for each row of the projects, 1 where it counts and 0 where it does not.
        """
        return self.derive("includes", self._includes)

    def _includes(self) -> Sequence[int]:
        flags = bytearray(len(self.tables.projects.id))
        for row in self.included():
            flags[row] = 1
        return flags

    def rows_of(self, table: Moves | Visits) -> Sequence[int]:
        """
        Return the rows of a table that belong to projects that count.
        """
        return self.derive(("rows", type(table)), lambda: self._rows_of(table))

    def _rows_of(self, table: Moves | Visits) -> Sequence[int]:
        if self.computed is not None:
            return cast("Sequence[int]", self.computed.rows_of(table.project, self.includes()))
        flags = self.includes()
        return [place for place, row in enumerate(table.project) if flags[row]]

    def _reader(self, field: str) -> Callable[[int], Any]:
        if field in {"stage", "outcome"}:
            return self.state(field).__getitem__
        return self.values(field).__getitem__

    def values(self, field: str) -> Sequence[Any]:
        """
        Return the value of a field in each row of the projects, ``None`` where there is none.
        """
        return self.derive(("values", field), lambda: self._values_at(field, None))

    def values_at(self, field: str, times: Sequence[int]) -> Sequence[Any]:
        """
        Return the value that a field had in each row of the projects at a time of its own.

        Args:
            field: its id.
            times: for each row; :data:`NEVER` for none, and then no value.
        """
        return self._values_at(field, times)

    def filled_at(self, field: str, times: Sequence[int]) -> Sequence[int]:
        """
        Return, for each row of the projects, 1 where a field had a value at a time of its own, and 0 elsewhere.

        Args:
            field: its id.
            times: for each row, as those of :meth:`values_at`.
        """
        table = self.tables.fields.get(field)
        if table is not None and self.computed is not None:
            return cast("Sequence[int]", self.computed.filled_at(self, table, times))
        return [int(value is not None) for value in self.values_at(field, times)]

    def _values_at(self, field: str, times: Sequence[int] | None) -> Sequence[Any]:
        table = self.tables.fields.get(field)
        count = len(self.tables.projects.id)
        if table is not None and self.computed is not None:
            return cast("Sequence[Any]", self.computed.values_at(table, count, times))
        found: list[Any] = [None] * count
        if table is None:
            return found
        if times is None:
            for row, value in zip(table.project, table.value, strict=True):
                found[row] = value
        else:
            for row, at, value in zip(table.project, table.at, table.value, strict=True):
                if at <= times[row]:
                    found[row] = value
        return found

    def history(self, field: str) -> Mapping[int, Sequence[tuple[int, Any]]]:
        """
        Return when a field got which value, by the row of the project, in the order in which that was recorded.
        """

        def collected() -> Mapping[int, Sequence[tuple[int, Any]]]:
            found: dict[int, list[tuple[int, Any]]] = {}
            table = self.tables.fields.get(field)
            if table is not None:
                for row, at, value in zip(table.project, table.at, table.value, strict=True):
                    found.setdefault(row, []).append((at, value))
            return found

        return self.derive(("history", field), collected)

    def value_at(self, field: str, row: int, at: int) -> Any:
        """
        Return the value that a field of one project had at a time.
        """
        value = None
        for since, each in self.history(field).get(row, ()):
            if since <= at:
                value = each
        return value

    def class_of(self, lifecycle: int, outcome: int) -> str:
        """
        Return the class of an outcome in a lifecycle; an outcome that is not declared has the class of its name.

        Args:
            lifecycle: its number in :attr:`Tables.lifecycles`.
            outcome: the number of its id.
        """
        classes: dict[tuple[int, int], str] = self.derive("classes", dict[tuple[int, int], str])
        found = classes.get((lifecycle, outcome))
        if found is None:
            known, word = self.source.definitions[lifecycle], self.tables.words.known[outcome]
            declared = {} if known is None else {each.id: each.class_ for each in known.outcomes}
            found = classes[lifecycle, outcome] = declared.get(word) or Outcome(word).class_
        return found

    def stages(self) -> Mapping[str, Stage]:
        """
        Return the stages of all lifecycles that count by id, in the order of the file.

        Versions are joined by stage id, and the version that was met last comes first.
        """

        def collected() -> Mapping[str, Stage]:
            found: dict[str, Stage] = {}
            for each in reversed(self.definitions()):
                for stage in each.stages:
                    found.setdefault(stage.id, stage)
            return found

        return self.derive("stages", collected)

    def titles(self) -> Mapping[str, Label]:
        """
        Return the labels of the tasks that stages bring, by the title that such a task has in a dossier.
        """
        tasks = (task for each in self.definitions() for stage in each.stages for task in stage.tasks)
        return {title_of(task): task.label for task in tasks}

    def field_of(self, role: str) -> str | None:
        """
        Return the id of the field that figures read for a role such as ``amount``, ``customer`` or ``expected_close``.

        ``None`` if no lifecycle declares it.
        """
        for each in self.definitions():
            named: str = getattr(each.insight, role)
            if any(field.id == named for field in each.fields):
                return named
        return role if role in self.tables.fields and None in self.source.definitions else None

    def field_ids(self) -> Sequence[str]:
        """
        Return the ids of all fields: those that the lifecycles declare, then others that have values.
        """
        declared = [field.id for each in self.definitions() for field in each.fields]
        return tuple(dict.fromkeys((*declared, *self.tables.fields)))

    def state(self, name: str) -> Sequence[Any]:
        """
        Return what every project is now in: ``stage``, ``phase``, ``outcome``, ``lifecycle``, ``project`` or ``cycle``.
        """
        if name == "cycle":
            return self.derive("cycles", self._cycles)
        projects, known = self.tables.projects, self.tables.words.known
        if name == "project":
            return projects.id
        if name == "lifecycle":
            return [self.tables.lifecycles[number][0] for number in projects.lifecycle]
        if name == "outcome":
            return [known[number] for number in projects.outcome]
        stages = [known[number] for number in projects.stage]
        if name == "stage":
            return stages
        phases = {stage.id: stage.phase for stage in self.stages().values()}
        return [phases.get(each) for each in stages]

    def _cycles(self) -> Sequence[int]:
        """
        Return the number of each project's cycle: 1, or that after the project of the same lifecycle that spawned it.
        """
        projects, lifecycles = self.tables.projects, self.state("lifecycle")
        found: list[int] = []
        for row, parent in enumerate(projects.parent):
            before = NONE if parent is None else self.tables.rows.get(parent, NONE)
            follows = before != NONE and before < row and lifecycles[before] == lifecycles[row]
            follows = follows and projects.id[row] in self.tables.spawned
            found.append(found[before] + 1 if follows else 1)
        return found

    def calendar_of(self, row: int) -> Calendar:
        """
        Return the calendar of a project's lifecycle.
        """
        calendars = self.source.calendars
        return calendars[self.tables.projects.lifecycle[row]] if calendars else CALENDAR_DAYS


def narrowed(columns: Columns, where: Predicate | None, lifecycle: str | None, under: str | None = None) -> Columns:
    """
    Return the view in which a predicate holds as well, and only a lifecycle, or what belongs to a project, counts.

    Raises:
        InputError: for a lifecycle that neither the pipeline nor a fact knows.
        UnknownProjectError: for a project *under* that no fact knows.
    """
    if under is not None and under not in columns.tables.rows:
        raise UnknownProjectError(under)
    source = columns.source
    known = tuple(dict.fromkeys([*(each for each, _ in source.tables.lifecycles), *(each.id for each in source.given)]))
    if lifecycle is not None and lifecycle not in known:
        raise InputError("lifecycle=", lifecycle, say("input.choice", known=known, near=nearest(lifecycle, known)))
    given = tuple(each for each in (columns.where, where) if each is not None)
    joined = Junction("all", given) if len(given) > 1 else next(iter(given), None)
    both = columns.under if under is None else (*columns.under, under)
    return attrs.evolve(columns, where=joined, lifecycle=lifecycle or columns.lifecycle, under=both, cache={})
