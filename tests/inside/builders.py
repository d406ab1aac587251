"""
Builders that need private names; the factories and tests outside ``tests/inside`` take them from here.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from salesflow import Fact, Lifecycle, Project
from salesflow._lifecycle.bind_advice import ask_risk_checks
from salesflow._model.advice import BoundAdvice
from salesflow._model.fold import evolve
from salesflow._model.frozen import FrozenDict, freeze
from salesflow._model.parameters import call_factory, problems_of
from salesflow._pipeline.open import opening
from salesflow.guards._bound import bound_values  # noqa: F401 -- for the builders of the engine's tests
from salesflow.stores._journal.disk import Disk
from salesflow.stores._journal.line_format import make_line, read_header
from salesflow.typing import AdviceContext, Change, Finding, Opened


def after(project: Project | None, fact: Fact) -> Project:
    """The project after one more fact; the first one opens it."""
    return evolve(project, fact)


def opened_with(lifecycle: Lifecycle, name: str, changes: tuple[Change, ...]) -> Opened:
    """The body of an opening with these changes and the defaults of the fields."""
    return opening(lifecycle, name, changes)


def frozen(table: Mapping[str, Any]) -> FrozenDict[str, Any]:
    """A table as a project keeps it, frozen deeply."""
    return freeze(table)


def made_with(kind: Any, params: Mapping[str, Any]) -> Any:
    """What the factory of a guard, effect, scorer or check gives for parameters as a definition has them."""
    return call_factory(kind.factory, params)


def risk_findings(kind: Any, params: Mapping[str, Any], ctx: AdviceContext) -> list[Finding]:
    """What a check of risks with these parameters finds, asked as a lifecycle asks it."""
    assert [] == problems_of(kind.factory, params)

    return list(ask_risk_checks([BoundAdvice(kind.name, call_factory(kind.factory, params), None, kind.codes)], ctx))


def journal_line(header: bytes, payload: bytes) -> bytes:
    """The line behind the header of a journal that says *payload*."""
    seed, crc = read_header(header, "")
    return make_line(payload, crc, seed)[0]


class FastDisk(Disk):
    """A disk that never waits; what is tested is what is in the file."""

    def sync(self, fd: int) -> None:
        pass

    def sync_folder(self, path: Path) -> None:
        pass


class FullDisk(Disk):
    """A disk without room for one more byte while it is ``full``."""

    full = False

    def write(self, fd: int, data: bytes, offset: int) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(fd, data, offset)


class FailingDisk(Disk):
    """A disk whose calls fail while they are named in ``failing``."""

    def __init__(self) -> None:
        self.failing: dict[str, BaseException] = {}
        self.synced = 0

    def _maybe(self, call: str) -> None:
        if call in self.failing:
            raise self.failing[call]

    def write(self, fd: int, data: bytes, offset: int) -> int:
        self._maybe("write")
        return super().write(fd, data, offset)

    def sync(self, fd: int) -> None:
        self.synced += 1
        self._maybe("sync")
        super().sync(fd)

    def reserve(self, fd: int, offset: int, size: int) -> None:
        self._maybe("reserve")
        super().reserve(fd, offset, size)

    def truncate(self, fd: int, size: int) -> None:
        self._maybe("truncate")
        super().truncate(fd, size)
