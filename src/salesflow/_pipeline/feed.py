"""
The feed as people read it: what happened, one line for each fact.
"""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import Final, TypeAlias

from .._lifecycle.wording import wording_of
from .._model.facts import (
    Changed,
    DeadlineMoved,
    DeadlinePassed,
    EntryDropped,
    EntryMoved,
    EntryPut,
    Fact,
    Opened,
    Reparented,
    SlotMissed,
    Transitioned,
)
from .._model.frozen import EMPTY
from .._model.messages import PLAIN_WORDING, Wording, format_time
from .._model.values import Label, language
from ..errors import InputError, UnknownProjectError, plain, say
from ..plugins._loading import load_definition
from ..stores.adapting import check_limit
from ..templates import RECORDS
from ..typing import DefinitionStore, Store
from .results import FeedLine, FeedLines


Wordings: TypeAlias = dict[tuple[str, str], Wording]
"""How each version of each lifecycle names its parts; it grows as facts are read."""

_OPENED: Final = Label("opened in {stage}", "创建，进入{stage}")
_ASSUMED: Final = Label("opened in {stage}, as the import assumed", "创建，进入{stage}（导入时推定）")
_CHANGED: Final = Label("recorded {what}", "记录 {what}")
_REMOVED: Final = Label("removed {what}", "移除 {what}")
_PASSED: Final = Label("deadline passed: {deadline}", "时限已过：{deadline}")
_MISSED: Final = Label("{cadence} missed: {slots}", "{cadence} 未按时进行：{slots}")
_PUT_UNDER: Final = Label("put under {parent}", "归入 {parent}")
_TAKEN_OUT: Final = Label("taken out of {parent}", "移出 {parent}")
_MOVED: Final = Label("deadline moved: {deadline}", "时限已变动：{deadline}")
_TOOK: Final = Label("{what}, {transition}: {ends}", "{what}，{transition}：{ends}")
_WENT: Final = Label("{transition}: {ends}", "{transition}：{ends}")


def fact_text(fact: Fact, wording: Wording, lang: str) -> str:
    """
    Say what a fact is in one line.
    """
    body = fact.body
    if isinstance(body, Opened):
        said = _ASSUMED if body.assumed else _OPENED
        return said.text(lang).format(stage=_stage(wording, body.stage, lang))
    if isinstance(body, Changed):
        return _changes_text(body, wording, lang)
    if isinstance(body, DeadlinePassed):
        return _PASSED.text(lang).format(deadline=wording.label("deadline", body.deadline).text(lang))
    if isinstance(body, SlotMissed):
        told = (" ".join(filter(None, (format_time(slot, wording.zone), member))) for slot, member in body.slots)
        cadence = wording.label("cadence", body.cadence).text(lang)
        return _MISSED.text(lang).format(cadence=cadence, slots="; ".join(told))
    if isinstance(body, Reparented):
        said = _TAKEN_OUT if body.parent is None else _PUT_UNDER
        return said.text(lang).format(parent=body.parent or body.former)
    if isinstance(body, DeadlineMoved):
        return _MOVED.text(lang).format(deadline=wording.label("deadline", body.deadline).text(lang))
    if isinstance(body, Transitioned):
        return _WENT.text(lang).format(**_move(body, wording, lang))
    what = f"{wording.label('entry', body.kind).text(lang)} {body.id}"
    return _TOOK.text(lang).format(what=what, **_move(body, _wording_of_kind(body.lifecycle), lang, "deadline"))


def _move(body: Transitioned | EntryMoved, wording: Wording, lang: str, other: str = "transition") -> dict[str, str]:
    """
    Return what a move says; *other* is named if its transition is not known.
    """
    ends = " → ".join(_stage(wording, stage, lang) for stage in (body.source, body.target))
    known = body.transition in wording.names.get("transition", EMPTY)
    return {"transition": wording.label("transition" if known else other, body.transition).text(lang), "ends": ends}


@cache
def _wording_of_kind(lifecycle: str) -> Wording:
    """
    Return how a lifecycle of entries names its parts, if it is a built-in.
    """
    return wording_of(load_definition(lifecycle)) if lifecycle in RECORDS else PLAIN_WORDING


def _stage(wording: Wording, stage: str, lang: str) -> str:
    return wording.label("stage", stage).text(lang)


def _changes_text(body: Changed, wording: Wording, lang: str) -> str:
    recorded: dict[str, int] = {}
    removed: dict[str, int] = {}
    for change in body.changes:
        if isinstance(change, EntryDropped):
            counts, label = removed, wording.label("entry", change.kind)
        elif isinstance(change, EntryPut):
            counts, label = recorded, wording.label("entry", change.entry.kind)
        else:
            counts, label = recorded, wording.label("field", change.field)
        what = label.text(lang)
        counts[what] = counts.get(what, 0) + 1
    parts = (_CHANGED, recorded), (_REMOVED, removed)
    return _and(lang).join(said.text(lang).format(what=_counted(counts, lang)) for said, counts in parts if counts)


def _and(lang: str) -> str:
    return "、" if language(lang) == "zh" else ", "


def _counted(counts: dict[str, int], lang: str) -> str:
    return _and(lang).join(name if count == 1 else f"{name} × {count}" for name, count in counts.items())


def feed(
    store: Store, wordings: Wordings, lang: str, project_id: str | None = None, after: str = "", limit: int = 1000
) -> FeedLines:
    """
    Return the facts of a store, or of one project, as lines; see :meth:`salesflow.Pipeline.feed`.

    Args:
        wordings: of the lifecycles that are known; the others are read from the definitions that the store keeps.
    """
    check_limit(limit)
    if project_id is None:
        page = store.feed(after, limit=limit)
        facts, cursor = page.facts, page.cursor
    else:
        if after and not (after.isascii() and after.isdecimal()):
            raise InputError("after", after, say("input.feed_cursor"))
        facts = tuple(islice(store.load(project_id, after=int(after or 0)), limit))
        if not facts and store.head(project_id) is None:
            raise UnknownProjectError(project_id)
        cursor = str(facts[-1].version) if facts else after
    names: dict[str, str] = {}
    lines: list[FeedLine] = []
    for fact in facts:
        if fact.project_id not in names:
            head = store.head(fact.project_id)
            names[fact.project_id] = fact.project_id if head is None else head.name
        wording = learn(store, wordings, fact.lifecycle, fact.lifecycle_version)
        text, time = plain(fact_text(fact, wording, lang)), format_time(fact.at, wording.zone)
        lines.append(FeedLine(fact, names[fact.project_id], time, text))
    return FeedLines(tuple(lines), cursor)


def learn(store: Store, wordings: Wordings, lifecycle: str, version: str) -> Wording:
    """
    Return how a lifecycle names its parts, by the definition that a store keeps; by ids where it keeps none.
    """
    asked = lifecycle, version
    if asked not in wordings:
        wordings[asked] = PLAIN_WORDING
        for kept in store.definitions() if isinstance(store, DefinitionStore) else ():
            if (kept.id, kept.version) == asked:
                wordings[asked] = wording_of(load_definition(text=kept.text))
    return wordings[asked]
