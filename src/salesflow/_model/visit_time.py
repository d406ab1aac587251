"""
How long a visit has lasted, holds left out: the one place that measures it, for deadlines, guards, scores and risks.

A visit keeps when it was on hold, and not for how long: that depends on who measures.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .project import Visit


def held_time(visit: Visit) -> timedelta:
    """
    Return how long holds interrupted a visit, by the clock; a hold that goes on is not among them.
    """
    return sum((end - start for start, end in visit.holds), timedelta())


def time_in_stage(visit: Visit, until: datetime) -> timedelta:
    """
    Return how long a visit had lasted at a time, by the clock.
    """
    return until - visit.entered_at - held_time(visit)


def put_off(visit: Visit, time: datetime) -> datetime:
    """
    Return when a time of a visit comes that would be *time* without its holds; a hold after it changes nothing.
    """
    for start, end in visit.holds:
        if time <= start:
            break
        time += end - start
    return time


def reached_at(visit: Visit, span: timedelta) -> datetime:
    """
    Return when a visit has lasted for a time, if no further hold interrupts it.
    """
    return put_off(visit, visit.entered_at + span)
