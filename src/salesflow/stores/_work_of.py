"""
The work that a commit sets, and the tokens it starts from.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from .._model.commit import Commit
from .._model.facts import Notice
from .._model.work import DueDeadline, Work


_CLAIMS: Final = 2**20  # more than anybody claims one piece of work before it is set again


def notice_work(notice: Notice, number: int, at: datetime) -> Work:
    """
    Return the work of delivering the *number*-th notice of a commit.
    """
    return Work(f"n:{notice.project_id}:{notice.version}:{number}", "notice", notice.project_id, at, notice)


def deadline_work(due: DueDeadline) -> Work:
    """
    Return the work of watching a deadline; setting it again replaces it.
    """
    return Work(f"d:{due.project_id}:{due.visit}:{due.deadline}", "deadline", due.project_id, due.at, due)


def work_of(commit: Commit) -> list[Work]:
    """
    Return the work that a commit opens.
    """
    opened = list(map(deadline_work, commit.dues))
    if commit.notices:
        at = commit.appends[0].fact.at
        opened += [notice_work(notice, number, at) for number, notice in enumerate(commit.notices)]
    return opened


def first_token(work: Work, commit: Commit) -> int:
    """
    Return the token that work starts from which *commit* sets; the first claim has the next one.

    It follows from the version of the fact that sets the work, so work that was finished or
    dropped and is set again never meets a token of its earlier life. Only work that is set
    without a fact of its project starts from 0.
    """
    version = next((each.fact.version for each in commit.appends if each.fact.project_id == work.project_id), 0)
    return version * _CLAIMS
