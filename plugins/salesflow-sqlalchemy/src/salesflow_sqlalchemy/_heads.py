"""
Heads that were read or written lately, for as long as the database still says the same.
"""

from __future__ import annotations

from typing import Final

from salesflow import Project


_ROOM: Final = 4_000_000  # characters


class Heads:
    """
    Projects beside the texts of their heads, so that a text which has not changed is not read again.

    The text itself is compared, not its version: what was rolled back or restored is not taken for current.
    """

    __slots__ = ("_kept", "_size")

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, Project]] = {}
        self._size = 0

    def get(self, project_id: str, text: str) -> Project | None:
        """
        Return the project that a text says, if it is at hand.
        """
        kept = self._kept.get(project_id)
        return kept[1] if kept is not None and kept[0] == text else None

    def keep(self, project_id: str, text: str, project: Project) -> None:
        """
        Keep a project and its text; now and then everything is forgotten, so that memory stays bounded.
        """
        self._size += len(text)
        if self._size > _ROOM:
            self._kept.clear()
            self._size = len(text)
        self._kept[project_id] = (text, project)
