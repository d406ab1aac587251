"""
Notices that no effect asks for: to subscribers, and to the people whom an entry concerns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from .._model.facts import Change, EntryPut, Notice
from .._model.frozen import FrozenDict
from .._model.project import Project
from .._model.values import Actor, same_person


TOPIC: Final = "topic:"
"""What an address begins with that means whoever subscribed to a topic in a directory, where anybody did."""


def subscribers(project: Project, topic: str, topics: Collection[str]) -> tuple[str, ...]:
    """
    Return the addressees that want the notices of a project about a topic.

    Args:
        topics: to which directories have subscribers.
    """
    held = project.held("subscription").values()
    entries: list[Any] = [each.entry for each in held]
    found = tuple([each.id for each in entries if not each.topics or topic in each.topics])
    return (*found, TOPIC + topic) if topic in topics or "*" in topics else found


def of_move(project: Project, topic: str, topics: Collection[str], notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
    """
    Return the notice of a move for subscribers, unless it leaves one with its own topic, which they get as well.
    """
    to = subscribers(project, topic, topics)
    if not to or any(each.topic == topic for each in notices):
        return ()
    return (Notice(project.id, project.version + 1, to, topic),)


def of_entries(project: Project, changes: Iterable[Change], who: Actor) -> tuple[Notice, ...]:
    """
    Return the notices to the people whom new or changed entries concern, without those about their own actions.
    """
    found: list[Notice] = []
    for change in changes:
        if not isinstance(change, EntryPut) or change.entry.kind not in _CONCERNED:
            continue
        entry: Any = change.entry
        held = project.held(entry.kind).get(entry.id)
        for topic, to, about in _CONCERNED[entry.kind](entry, None if held is None else held.entry):
            others = tuple(each for each in to if each and not same_person(each, who.name))
            if others:
                params = FrozenDict({"kind": entry.kind, "id": entry.id, "about": about, "actor": who.name})
                found.append(Notice(project.id, project.version + 1, others, topic, params))
    return tuple(found)


_Concerned = Iterable[tuple[str, Iterable[str], str]]


def _activity(entry: Any, before: Any) -> _Concerned:
    known = () if before is None else before.mentions
    yield "mentioned", [each for each in entry.mentions if each not in known], entry.note or entry.type


def _task(entry: Any, before: Any) -> _Concerned:
    if before is not None and not same_person(entry.owner, before.owner):
        yield "task_handed_over", (entry.owner,), entry.title


def _approval_request(entry: Any, before: Any) -> _Concerned:
    if before is None:
        yield "approval_requested", entry.to, entry.comment or entry.name


def _question(entry: Any, before: Any) -> _Concerned:
    if before is None:
        yield "question_asked", entry.to, entry.text
    if entry.answered_at is not None and (before is None or before.answered_at is None):
        yield "question_answered", (entry.by,), entry.answer


def _guidance(entry: Any, before: Any) -> _Concerned:
    if before is None:
        yield "guidance_given", entry.to, entry.text


def _department_request(entry: Any, before: Any) -> _Concerned:
    if before is None:
        yield "department_asked", entry.to, entry.text
    elif entry.status != before.status:
        yield "department_answered", (entry.by,), entry.answer or entry.text


def _appraisal(entry: Any, before: Any) -> _Concerned:
    if before is None or entry.criteria != before.criteria:
        yield "appraised", (entry.member,), entry.by


def _coaching_action(entry: Any, before: Any) -> _Concerned:
    if before is None:
        yield "coached", (entry.member, entry.coach), entry.text


def _reward(entry: Any, before: Any) -> _Concerned:
    if entry.given_on is not None and (before is None or before.given_on is None):
        yield "rewarded", (entry.member,), entry.reason


_CONCERNED: Final[Mapping[str, Callable[[Any, Any], _Concerned]]] = {
    "activity": _activity,
    "task": _task,
    "approval_request": _approval_request,
    "question": _question,
    "guidance": _guidance,
    "department_request": _department_request,
    "appraisal": _appraisal,
    "coaching_action": _coaching_action,
    "reward": _reward,
}
