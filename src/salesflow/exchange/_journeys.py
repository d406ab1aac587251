"""
From rows to journeys: what each deal went through, step by step, in the order of time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

import attrs

from .._lifecycle.lifecycle import Lifecycle
from .._model.definition import label_of
from .._model.frozen import EMPTY, noun
from .._model.values import Actor, Label, Value, check_id, person
from ..errors import InputError, plain
from ._cells import Read, Unreadable, numerals, reader
from ._mapping import ROW_ORDER, ColumnMapping, FieldColumn, PathStep, ReadTime, in_zone, read_time
from ._report import RowProblem, label
from ._rows import Row


OPENING: Final = "import:open"
"""The key of the fact that opens an imported project."""

_LONGEST_NAME: Final = 500
_LONGEST_SLUG: Final = 100
_DIGITS: Final = re.compile("([0-9]+)")
_PLAIN: Final = numerals(".", "")


@noun
class JourneyStep:
    """
    One stage that a deal entered.

    Attributes:
        row: the number of the row that says so.
        key: the same for the same step in every run.
        column: where its time stands.
        values: of the fields that it brings.
    """

    row: int
    stage: str
    at: datetime
    actor: Actor
    key: str
    column: str = ""
    values: Mapping[str, Value] = EMPTY


@noun
class Journey:
    """
    Everything a file says about one deal.

    Attributes:
        steps: at least one.
        whole: whether it is taken as a whole or not at all, because it is one row.
    """

    id: str
    name: str
    steps: tuple[JourneyStep, ...]
    whole: bool


@noun
class Found:
    """
    What is found in the rows of a file.
    """

    journeys: tuple[Journey, ...]
    problems: tuple[RowProblem, ...]
    notes: tuple[RowProblem, ...]


def find_journeys(rows: Iterable[Row], mapping: ColumnMapping, lifecycle: Lifecycle) -> Found:
    """
    Read every row; one that cannot be read is a problem, with all its reasons.
    """
    context = ReadContext.of(mapping, lifecycle)
    return _snapshot(rows, context) if mapping.kind == "snapshot" else _history(rows, context)


@noun
class ReadContext:
    """
    What is needed to read a row.
    """

    mapping: ColumnMapping
    lifecycle: Lifecycle
    reads: tuple[tuple[FieldColumn, Read], ...]
    time: Callable[[str, tuple[str, ...]], ReadTime | None]
    actor: Callable[[str], Actor]

    @classmethod
    def of(cls, mapping: ColumnMapping, lifecycle: Lifecycle) -> ReadContext:
        zone = mapping.zone

        @lru_cache(maxsize=4096)
        def time(text: str, formats: tuple[str, ...]) -> ReadTime | None:
            found = read_time(text, formats)
            return None if found is None else in_zone(found, zone)

        reads = tuple((field, reader(lifecycle.fields[field.field], field, mapping)) for field in mapping.fields)
        return cls(mapping, lifecycle, reads, time, lru_cache(maxsize=4096)(Actor))


@attrs.define(eq=False)
class _Finding:
    """
    What is being learned about one row.
    """

    context: ReadContext
    row: Row
    id: str | None = None
    problems: list[RowProblem] = attrs.field(factory=list[RowProblem])
    notes: list[RowProblem] = attrs.field(factory=list[RowProblem])
    reported: set[str | None] = attrs.field(factory=set[str | None])

    def problem(self, code: str, value: str = "", *, about: Label | None = None, **parts: Any) -> None:
        """
        Note what is wrong; a cell that several values are read from is reported once.
        """
        words = label(code, **parts) if about is None else about
        self.reported.add(parts.get("column"))
        self.problems.append(RowProblem(self.row.number, code, words, value, self.id))

    def read_id(self) -> None:
        column = self.context.mapping.id_column
        text = self.row.cells[column]
        try:
            self.id = check_id(slug(text) if self.context.mapping.slug and text else text, column)
        except InputError:
            self.problem("id.malformed" if text else "id.missing", text[:200], column=column)

    def name(self) -> str:
        mapping, cells = self.context.mapping, self.row.cells
        found = mapping.name_join.join(cells[column] for column in mapping.name_columns if cells[column])
        if len(found) > _LONGEST_NAME:
            self.problem("name.too_long")
        elif plain(found) != found and found != cells[mapping.id_column]:  # a bad id is reported already
            self.problem("name.malformed", found[:200])
        return found or self.id or ""

    def actor(self) -> Actor | None:
        column, otherwise = self.context.mapping.actor_column, self.context.mapping.actor_when_missing
        text = self.row.cells[column] if column is not None else ""
        name = text or otherwise
        if name is None:
            self.problem("actor.missing", column=column)
            return None
        try:
            return self.context.actor(person(name))
        except InputError:
            self.problem("actor.malformed", text[:200], column=column)
            return None

    def stage(self) -> str | None:
        column = self.context.mapping.stage_column
        text = self.row.cells[column]
        found = self.context.mapping.stages.get(text)
        if found is None:
            self.problem("stage.unknown" if text else "stage.missing", text[:200], column=column)
        return found

    def time(
        self, stage: str, column: str | None, otherwise: str | None = None, *, after: datetime | None = None
    ) -> datetime | None:
        """
        Return when the row entered a stage.

        Args:
            after: when the step before it was; of a time that exists twice, the second may be the one after it.
        """
        text = (self.row.cells[column] if column is not None else "") or otherwise
        if text is None:
            self.problem("time.missing", stage=label_of(self.context.lifecycle.stage(stage)), column=column)
            return None
        formats = self.context.mapping.formats
        found = self.context.time(text, formats)
        if found is None:
            reach = read_time(text, formats) is not None
            code = "time.reach" if reach else "time.unreadable"
            self.problem(code, text[:200], column=column, formats=" / ".join(formats))
            return None
        later = found.second is not None and after is not None and found.at < after <= found.second
        self.note(found, column, text, second=later)
        return found.second if later else found.at

    def note(self, found: ReadTime, column: str | None, text: str, *, second: bool = False) -> None:
        """
        Note how a time was read that clocks showed twice or not at all.
        """
        if found.doubt is not None:
            code = "time.skipped" if found.doubt == "missing" else "time.twice_second" if second else "time.twice"
            about = label(code, zone=self.context.mapping.timezone, column=column)
            self.notes.append(RowProblem(self.row.number, code, about, text, self.id))

    def values(self, stage: str, *, first: bool) -> Mapping[str, Value]:
        """
        Return the fields that the entering of a stage brings; *first* is the opening.
        """
        found: dict[str, Value] = {}
        for field, read in self.context.reads:
            if stage in field.on or (first and not field.on):
                text, money = self.row.cells[field.column] or field.when_missing, field.currency_column
                if text is not None and field.column not in self.reported:
                    try:
                        found[field.field] = value = read(text, self.row.cells[money] if money else "")
                        if isinstance(value, datetime) and (said := self.context.time(text, field.formats)):
                            self.note(said, field.column, text)
                    except Unreadable as problem:
                        self.problem(problem.code, text[:200], about=problem.about)
        return found


def _snapshot(rows: Iterable[Row], context: ReadContext) -> Found:
    journeys: list[Journey] = []
    problems: list[RowProblem] = []
    notes: list[RowProblem] = []
    seen: dict[str, int] = {}
    for row in rows:
        finding = _Finding(context, row)
        finding.read_id()
        if finding.id is not None and seen.setdefault(finding.id, row.number) != row.number:
            finding.problem("id.duplicate", finding.id)
        name, actor, stage = finding.name(), finding.actor(), finding.stage()
        path = () if stage is None else context.mapping.paths[stage]
        steps = tuple(_steps(finding, path, actor))
        if finding.id is not None and not finding.problems:
            journeys.append(Journey(finding.id, name, steps, whole=True))
        problems += finding.problems
        notes += finding.notes
    return Found(tuple(journeys), tuple(problems), tuple(notes))


def _steps(finding: _Finding, path: Sequence[PathStep], actor: Actor | None) -> Iterable[JourneyStep]:
    times: list[datetime | None] = []
    for step in path:
        known, otherwise = step.column in finding.reported, step.when_missing
        before = times[-1] if times else None
        times.append(None if known else finding.time(step.stage, step.column, otherwise, after=before))
    last: datetime | None = None
    for number, (step, at) in enumerate(zip(path, times, strict=True)):
        if at is not None and last is not None and at < last:
            code = "time.before_opening" if times[0] is not None and at < times[0] else "time.backwards"
            stage = label_of(finding.context.lifecycle.stage(step.stage))
            finding.problem(code, finding.row.cells.get(step.column or "", ""), stage=stage, column=step.column)
        last = at if last is None or (at is not None and at > last) else last
        values = finding.values(step.stage, first=number == 0)
        if at is not None and actor is not None:
            key = OPENING if number == 0 else f"import:{number}:{step.stage}"
            yield JourneyStep(finding.row.number, step.stage, at, actor, key, step.column or "", values)


def _history(rows: Iterable[Row], context: ReadContext) -> Found:
    steps: dict[str, list[tuple[Any, str, JourneyStep]]] = {}
    problems: list[RowProblem] = []
    notes: list[RowProblem] = []
    last: dict[str | None, datetime] = {}
    tie = context.mapping.tie_break
    for row in rows:
        finding = _Finding(context, row)
        finding.read_id()
        name, actor, stage = finding.name(), finding.actor(), finding.stage()
        entered = stage or context.lifecycle.definition.initial
        after = last.get(finding.id) if tie == ROW_ORDER else None
        at = finding.time(entered, context.mapping.time_column, after=after)
        if at is not None:
            last[finding.id] = at
        values = finding.values("", first=True)
        problems += finding.problems
        notes += finding.notes
        if finding.problems or finding.id is None or actor is None or stage is None or at is None:
            continue
        order = (at, _rank("" if tie == ROW_ORDER else row.cells[tie]), row.number)
        column = context.mapping.time_column or ""
        step = JourneyStep(row.number, stage, at, actor, "", column, values)
        steps.setdefault(finding.id, []).append((order, name, step))
    journeys = [_gathered(deal, sorted(found, key=lambda each: each[0])) for deal, found in steps.items()]
    return Found(tuple(journeys), tuple(problems), tuple(notes))


def _rank(text: str) -> tuple[int, Decimal, tuple[tuple[int, str], ...]]:
    """
    Return what orders the cells of a tie-break: numbers by their value, before texts, and numbers in texts as well.
    """
    number = _PLAIN(text)
    if number is not None:
        return 0, number, ()
    # Digits are compared by their count, then as text: int() refuses very long ones.
    parts = ((len(part.lstrip("0")), part.lstrip("0")) if part.isdigit() else (0, part) for part in _DIGITS.split(text))
    return 1, Decimal(0), tuple(parts)


def slug(text: str) -> str:
    """
    Return an id for any text: its usable characters, and where others were left out, digits that tell it apart.

    >>> slug("SO-7"), slug("SO/2026/7")
    ('SO-7', 'SO-2026-7-e8e7da8837690949')
    """
    kept = re.sub("[^A-Za-z0-9._-]+", "-", text).strip("._-")[:_LONGEST_SLUG]
    if kept == text:
        return text
    digits = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{kept}-{digits}" if kept else digits


def _gathered(deal: str, found: Sequence[tuple[Any, str, JourneyStep]]) -> Journey:
    counts: dict[str, int] = {}
    steps: list[JourneyStep] = []
    for _, _, step in found:
        # The key comes from what the row says, so that more rows in a later file change no key.
        key = f"import:{step.at.isoformat()}:{step.stage}"
        counts[key] = counts.get(key, 0) + 1
        steps.append(attrs.evolve(step, key=key if counts[key] == 1 else f"{key}:{counts[key]}"))
    return Journey(deal, found[0][1], tuple(steps), whole=False)
