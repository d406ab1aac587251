"""
The lesson library: the lessons of all projects, most similar projects first.

Likeness is a Jaccard index: the weight of what both are described by, divided by the weight of what either is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set as AbstractSet
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from itertools import chain
from typing import Any, Final, TypeAlias, TypeVar, cast

from .._model.argument_types import explain_types
from .._model.definition import label_of
from .._model.facts import EntryPut, Fact, Opened
from .._model.frozen import EMPTY, noun
from .._model.messages import format_value, render
from .._model.project import Project
from .._model.values import Label
from .._model.written import describe
from ..dossier import Lesson, LessonUse, Party, Risk
from ..errors import InputError, UnknownProjectError, nearest, say
from ..typing import Listener
from ._columns.columns import Columns
from ._columns.decisions import decided
from ._columns.dossiers import entries_of, versions_of
from ._columns.tables import moment
from ._portfolio import Portfolio


WEIGHTS: Final[Mapping[str, int]] = {"customer": 3, "industry": 2, "stage": 2, "risk_category": 2, "tag": 1}
"""What projects and lessons are compared by, and how much each counts; every tag counts for itself."""

_NAMES: Final = {
    "customer": Label("customer", "客户"),
    "industry": Label("industry", "行业"),
    "stage": Label("stage", "阶段"),
    "risk_category": Label("risk", "风险"),
    "tag": Label("tag", "标签"),
}
_LINE: Final = Label("{text} ({project}, {day})", "{text}（{project}，{day}）")
_LIKE: Final = Label(
    f"{_LINE.en}: {{like}} % alike, by {{matched}}", f"{_LINE.zh}：相似度 {{like}} %，相同项：{{matched}}"
)

E = TypeVar("E", Party, Risk)

Description: TypeAlias = Mapping[tuple[str, str], str]
"""How something is described: each attribute with the plain form of its value, and how that was written."""


@noun
class Resemblance:
    """
    What a lesson has in common with the project or risk that it is offered for.

    Attributes:
        name: ``customer``, ``industry``, ``stage``, ``risk_category`` or ``tag``.
        value: which.
        label: what people call it.
        weight: how much it counts.
    """

    name: str
    value: str
    label: Label
    weight: int


@noun
class LessonMatch:
    """
    A lesson of the library, and why it is offered.

    Attributes:
        lesson: as it is now.
        project: the id of the project it was learned in.
        project_name: its name.
        at: when it was recorded, UTC.
        likeness: 0 to 1; ``None`` where nothing was compared.
        matched: what both have, the heaviest first.
        uses: how many other projects go by it.
    """

    lesson: Lesson
    project: str
    project_name: str
    at: datetime
    likeness: float | None
    matched: tuple[Resemblance, ...]
    uses: int

    def text(self, lang: str = "en") -> str:
        """
        Write it down in one line, with what matched.
        """
        matched = [f"{_NAMES[each.name].text(lang)} {each.label.text(lang)}" for each in self.matched]
        parts = {
            "text": self.lesson.text or self.lesson.id,
            "project": self.project_name,
            "day": format_value(self.at.date(), lang),
            "like": format_value(round(100 * (self.likeness or 0)), lang),
            "matched": format_value(matched, lang),
        }
        return render(_LIKE if self.matched else _LINE, parts, lang)

    @explain_types
    def use(self, *, by: str = "", at: datetime | None = None, note: str = "") -> LessonUse:
        """
        Return the entry by which a project says that it goes by the lesson; the id is the same for the same lesson.

        Args:
            by: who puts it to use.
            at: when.
            note: how.
        """
        name = f"use-{sha256(f'{self.project}/{self.lesson.id}'.encode()).hexdigest()[:8]}"
        return LessonUse(name, self.lesson.id, self.project, by=by, at=at, note=note)


@noun
class LessonOffer:
    """
    Lessons for a project that was just opened, or for a risk that was just registered.

    Attributes:
        project: the id of the project.
        risk: the id of the risk; ``None`` for the project as a whole.
        matches: the lessons, the most alike first.
    """

    project: str
    risk: str | None
    matches: tuple[LessonMatch, ...]


@explain_types
def find_lessons(
    portfolio: Portfolio,
    project_id: str | None = None,
    *,
    risk: str | None = None,
    like: Mapping[str, Any] = EMPTY,
    tags: Sequence[str] = (),
    text: str = "",
    limit: int = 10,
) -> tuple[LessonMatch, ...]:
    """
    Return lessons of all projects, those first that were learned where things were most alike; ties newest first.

    Customer, industry (of the party that is the customer, or the field ``industry``), stage, categories of risks and
    tags are compared, with weights of 3, 2, 2, 2 and 1. What a lesson does not say is taken from its project: the stage
    that a lost project was lost from, and the risks that occurred. An open project has the stage where it stands, the
    risks that are open, and its product and market as tags.

    Args:
        portfolio: whose lessons are looked through; it is not read on.
        project_id: for which project; its own lessons are left out, and so are those that have nothing in common.
        risk: the id of a risk of that project: the only one whose category counts.
        like: in place of a project, or before what it says: ``customer``, ``industry``, ``stage``, ``risk_category``,
            ``tags``, each a text or several.
        tags: only lessons that have all of these, such as ``["good_case"]``.
        text: only lessons that say so, in upper or lower case.
        limit: how many at most.

    Raises:
        UnknownProjectError: for a project that the portfolio does not have.
        InputError: for a risk that the project does not have, an unknown name in *like*, and a limit below 1.
    """
    _check(limit)
    columns, wanted, row = portfolio.columns, _given(like), None
    tags = (tags,) if isinstance(tags, str) else tags  # a text is a sequence of letters, of which none is meant
    if project_id is not None:
        row = columns.tables.rows.get(project_id)
        if row is None:
            raise UnknownProjectError(project_id)
        wanted = _before(wanted, _of_project(columns, row, risk))
    compared, words = bool(like) or row is not None, text.casefold()
    found = [
        _match(columns, *each, wanted)
        for each in _library(columns)
        if each[0] != row
        and all(("tag", _plain(tag)) in each[3] for tag in tags)
        and words in f"{each[1].text} {' '.join(each[1].tags)}".casefold()
    ]
    kept = [each for each in found if each.matched or not compared]
    kept.sort(key=lambda each: (each.likeness or 0, each.at), reverse=True)
    return tuple(kept[:limit])


@explain_types
def suggest_risks(portfolio: Portfolio, project_id: str, *, limit: int = 3) -> tuple[Risk, ...]:
    """
    Suggest risks that the lessons of similar projects warn of and that are not registered yet; it records nothing.

    Each has the category of its lesson, or of the risks that occurred where it was learned, and the text as its title.
    The id is that of the category, so that adding it again replaces it.

    Args:
        portfolio: whose lessons are looked through; it is not read on.
        project_id: for which project.
        limit: how many at most, those of the most similar projects first.

    Raises:
        UnknownProjectError: for a project that the portfolio does not have.
        InputError: for a limit below 1.
    """
    _check(limit)
    matches = find_lessons(portfolio, project_id, limit=len(_library(portfolio.columns)) + 1)
    tables = portfolio.columns.tables
    described = {(tables.projects.id[row], lesson.id): each for row, lesson, _, each, _ in _library(portfolio.columns)}
    row = tables.rows[project_id]
    taken = {_plain(each.category) for each in _held(portfolio.columns, Risk, {row}).get(row, {}).values()}
    found: list[Risk] = []
    for match in matches:
        for (name, category), written in described[match.project, match.lesson.id].items():
            if name == "risk_category" and category not in taken:
                taken.add(category)
                title = match.lesson.text or written
                risk_id = f"lesson-{sha256(category.encode()).hexdigest()[:8]}"
                found.append(Risk(risk_id, title, category=written, identified_by="lesson"))
    return tuple(found[:limit])


def offer_lessons(portfolio: Portfolio, show: Callable[[LessonOffer], None], *, limit: int = 3) -> Listener:
    """
    Return a listener that offers lessons whenever a project is opened or a risk is registered.

    Args:
        portfolio: over the same store, of a pipeline without this listener; it is read on.
        show: what is called with the lessons, where there are any.
        limit: how many at most.

    Raises:
        InputError: if *show* is not a function, and for a limit below 1.
    """
    _check(limit)
    if not callable(show):
        raise InputError("show=", show, say("input.function"))

    def offer(facts: tuple[Fact, ...], project: Project) -> None:
        portfolio.refresh()
        for risk in _occasions(portfolio.columns, facts, project.id):
            if matches := find_lessons(portfolio, project.id, risk=risk, limit=limit):
                show(LessonOffer(project.id, risk, matches))

    return offer


def _check(limit: int) -> None:
    if limit < 1:
        raise InputError("limit=", limit, say("input.limit"))


def _occasions(columns: Columns, facts: Iterable[Fact], project_id: str) -> Iterable[str | None]:
    """
    Yield what facts give a reason to offer lessons for: ``None`` for a new project, the id of each new risk.
    """
    for fact in facts:
        if isinstance(fact.body, Opened):
            yield None
        for change in fact.body.changes:
            if isinstance(change, EntryPut) and isinstance(change.entry, Risk):
                versions = versions_of(columns, Risk.kind).get((columns.tables.rows[project_id], change.entry.id), ())
                if len(versions) == 1:
                    yield change.entry.id


def _library(columns: Columns) -> Sequence[tuple[int, Lesson, datetime, Description, int]]:
    """
    Return each lesson with the row of its project, when it was recorded, how it is described, and how often it is used.
    """
    return columns.derive("lessons", lambda: _learned(columns))


def _learned(columns: Columns) -> Sequence[tuple[int, Lesson, datetime, Description, int]]:
    names, uses = columns.tables.projects.id, dict[tuple[str, str], set[int]]()
    for row, use in entries_of(columns, LessonUse):
        if use.project != names[row]:
            uses.setdefault((use.project, use.lesson), set()).add(row)
    ends, known = decided(columns), columns.tables.words.known
    learned = [(key, each[0].at, each[-1].entry) for key, each in versions_of(columns, Lesson.kind).items()]
    rows = {row for (row, _), _, _ in learned}
    places, registers = _places(columns, rows), _held(columns, Risk, rows)
    found: list[tuple[int, Lesson, datetime, Description, int]] = []
    for (row, name), at, lesson in learned:
        if not isinstance(lesson, Lesson):
            continue
        lost_from = [known[ends.stage[row]]] if ends.class_[row] == "lost" else []
        occurred = [each.category for each in registers.get(row, {}).values() if each.status == "occurred"]
        own = {
            "customer": [lesson.customer],
            "industry": [lesson.industry],
            "stage": [lesson.stage],
            "risk_category": [lesson.risk_category],
            "tag": lesson.tags,
        }
        around = places[row] | _description({"stage": lost_from, "risk_category": occurred})
        count = len(uses.get((names[row], name), ()))
        found.append((row, lesson, moment(at), _before(_description(own), around), count))
    return found


def _match(
    columns: Columns, row: int, lesson: Lesson, at: datetime, described: Description, uses: int, wanted: Description
) -> LessonMatch:
    def weight(keys: Iterable[tuple[str, str]]) -> int:
        return sum(WEIGHTS[name] for name, _ in keys)

    both, either = wanted.keys() & described.keys(), wanted.keys() | described.keys()
    order = sorted(both, key=lambda each: (-WEIGHTS[each[0]], [*WEIGHTS].index(each[0]), each[1]))
    matched = tuple(_resemblance(columns, name, wanted[name, key]) for name, key in order)
    likeness = float(Fraction(weight(both), weight(either))) if wanted else None
    projects = columns.tables.projects
    return LessonMatch(lesson, projects.id[row], projects.name[row], at, likeness, matched, uses)


def _resemblance(columns: Columns, name: str, value: str) -> Resemblance:
    stage = columns.stages().get(value) if name == "stage" else None
    return Resemblance(name, value, Label(value) if stage is None else label_of(stage), WEIGHTS[name])


def _of_project(columns: Columns, row: int, risk: str | None) -> Description:
    ends, known = decided(columns), columns.tables.words.known
    stage = ends.stage[row] if ends.class_[row] == "lost" else columns.tables.projects.stage[row]
    fields = [columns.field_of(role) for role in ("product", "market")]
    tags = [columns.values(field)[row] for field in fields if field is not None]
    register = _held(columns, Risk, {row}).get(row, {})
    if risk is not None and risk not in register:
        raise InputError("risk=", risk, say("input.choice", known=register, near=nearest(risk, register)))
    risks = [each.category for name, each in register.items() if (each.open if risk is None else name == risk)]
    return _places(columns, {row})[row] | _description({"stage": [known[stage]], "risk_category": risks, "tag": tags})


def _places(columns: Columns, rows: AbstractSet[int]) -> Mapping[int, dict[tuple[str, str], str]]:
    """
    Return the customers of projects and their industries.
    """
    field, parties = columns.field_of("customer"), _held(columns, Party, rows)
    customers = None if field is None else columns.values(field)
    industries = columns.values("industry")
    found: dict[int, dict[tuple[str, str], str]] = {}
    for row in rows:
        said = [each.industry for each in parties.get(row, {}).values() if each.type == "customer"]
        own = {"customer": [customers and customers[row]], "industry": [industries[row], *said]}
        found[row] = _description(own)
    return found


def _held(columns: Columns, kind: type[E], rows: AbstractSet[int]) -> Mapping[int, dict[str, E]]:
    """
    Return the entries of one class that some projects have, in one pass over the table.
    """
    table, found = columns.tables.entries.get(kind.kind), dict[int, dict[str, E]]()
    if table is not None:
        for row, name, entry in zip(table.project, table.id, table.entry, strict=True):
            if row in rows:
                held = found.setdefault(row, {})
                held.pop(name, None)
                if isinstance(entry, kind):
                    held[name] = entry
    return found


def _given(like: Mapping[str, Any]) -> Description:
    if not isinstance(like, Mapping):  # a text is a sequence of letters, of which none is meant
        raise InputError("like=", like, say("input.shape", shape=describe(Mapping)))
    names: Mapping[str, str] = {"tags" if name == "tag" else name: name for name in WEIGHTS}
    for name in like:
        if name not in names:
            raise InputError("like=", name, say("input.choice", known=names, near=nearest(str(name), names)))
    return _description({names[name]: _each(value) for name, value in like.items()})


def _each(value: Any) -> Iterable[Any]:
    return cast("Iterable[Any]", value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


def _before(first: Description, second: Description) -> Description:
    """
    Return the first description, and of the second the attributes that the first does not have; tags add up.
    """
    said = {name for name, _ in first} - {"tag"}
    return dict(chain(((key, each) for key, each in second.items() if key[0] not in said), first.items()))


def _description(values: Mapping[str, Iterable[Any]]) -> dict[tuple[str, str], str]:
    written = [(name, " ".join(str(value).split())) for name, each in values.items() for value in each if value]
    return {(name, _plain(value)): value for name, value in written if value}


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
