"""
The text of heads: written quickly, and only as often as a dossier's size allows.
"""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import Any, Final

import attrs

from ..._codec.project import HEAD_SCHEMA, encode_project
from ..._codec.values import canonical, encode_time, encode_value
from ..._model.project import Project, Visit


_KEPT: Final = 1024  # projects whose parts are kept
_SMALL: Final = 4096  # characters that are written with every commit


@attrs.define
class _Parts:
    """
    What most moves leave alone, and how it was written.

    Attributes:
        about: id, lifecycle, name and opening.
        size: characters of the text that was last written.
        behind: characters of the facts since then.
    """

    fields: Any
    entries: Any
    lifecycle_version: str
    fields_text: str
    entries_text: str
    about: str
    size: int = 0
    behind: int = 0


class HeadTexts:
    """
    Writes heads so that a commit costs the same however large the dossier is.

    Fields and entries that are the very objects of the head before are not encoded again.
    A large text is not written before the facts behind it have grown to half its size;
    until then a reader folds them onto it.
    """

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: dict[str, _Parts] = {}

    def text(self, project: Project, added: int) -> str | None:
        """
        Return the canonical text of a head, or ``None`` if the stored one shall stay.

        Args:
            added: characters of the fact that led to it.

        Raises:
            InvalidValueError: for a value that cannot be stored.
        """
        parts = self._parts.get(project.id)
        if parts is not None and parts.size > _SMALL and parts.behind + added < parts.size // 2:
            parts.behind += added
            return None
        if (
            parts is None
            or parts.fields is not project.fields
            or parts.entries is not project.entries
            or parts.lifecycle_version != project.lifecycle_version
        ):
            parts = self._parts_of(project)
        text = _joined(project, parts)
        parts.size, parts.behind = len(text), 0
        return text

    def _parts_of(self, project: Project) -> _Parts:
        data = encode_project(project)
        about = canonical({name: data[name] for name in ("id", "lifecycle", "name", "opened")}).decode()[1:-1]
        fields, entries = canonical(data["fields"]).decode(), canonical(data["entries"]).decode()
        if len(self._parts) >= _KEPT:
            self._parts.clear()
        made = _Parts(project.fields, project.entries, project.lifecycle_version, fields, entries, about)
        self._parts[project.id] = made
        return made


def _joined(project: Project, parts: _Parts) -> str:
    visit = project.visit
    taken = ",".join([f"{encode_basestring(name)}:{count}" for name, count in sorted(project.taken.items())])
    updated = encode_time(project.updated_at)
    entered = updated if visit.entered_at is project.updated_at else encode_time(visit.entered_at)
    parent = "null" if project.parent is None else encode_basestring(project.parent)
    left = project.suspended
    suspended = "null" if left is None else _visit(left, encode_time(left.entered_at))
    return (
        f'{{"decided":{project.outcome_version},"entries":{parts.entries_text},"fields":{parts.fields_text},'
        f'{parts.about},"outcome":{encode_basestring(project.outcome)},"parent":{parent},'
        f'"stage":{encode_basestring(project.stage)},"suspended":{suspended},"taken":{{{taken}}},'
        f'"updated":"{updated}","v":{HEAD_SCHEMA},"version":{project.version},'
        f'"visit":{_visit(visit, entered)},"visits":{project.visits}}}'
    )


def _visit(visit: Visit, entered: str) -> str:
    said = f'{visit.number},{encode_basestring(visit.stage)},"{entered}",{visit.version}'
    if not visit.held and not visit.passed:
        return f"[{said}]"
    return f"[{said},{canonical(encode_value(visit.held)).decode()},{canonical(visit.passed).decode()}]"
