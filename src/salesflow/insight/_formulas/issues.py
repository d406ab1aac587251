"""
The KPIs of issues: how many are resolved, and how long that takes.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...dossier import Issue
from ...dossier._party import standard_hours
from .._cases import Ask, Cases, Summary, share
from .._columns.dossiers import versions_of
from .._columns.people import customer_of, owner_of
from .._columns.tables import NEVER, micros
from .._registry import kpi, no_params
from .standards import in_target, in_target_cases, standards_of
from .waits import HOUR, Wait, cases_of, ended, working_cases


def _issues(ask: Ask) -> Sequence[Wait]:
    """
    Return the issues, each from when it was opened until it was last resolved; one that was opened again waits.

    Without times of their own, the times count at which that was recorded.
    """
    columns = ask.columns
    customer, owner = customer_of(columns), owner_of(columns)
    now = columns.source.now
    found: list[Wait] = []
    for (row, name), versions in versions_of(columns, Issue.kind).items():
        issue = versions[-1].entry
        if not isinstance(issue, Issue):
            continue
        start, end = versions[0].at, NEVER
        if issue.opened_at is not None:
            start = micros(issue.opened_at)
        if _resolved(issue):
            end = versions[-1].at if issue.resolved_at is None else micros(issue.resolved_at)
            for version in reversed(versions if issue.resolved_at is None else ()):
                if not _resolved(version.entry):
                    break
                end = version.at
        groups = {
            "owner": owner(issue.owner, row, start),
            "customer": customer(issue.customer, row),
            "severity": issue.severity,
            "category": issue.category or None,
            "item": issue.item or None,
        }
        if start <= now:
            found.append(Wait(row, name, start, end if start <= end <= now else NEVER, groups))
    return found


def _resolved(issue: object) -> bool:
    return isinstance(issue, Issue) and not issue.open


def _resolution(cases: Cases) -> Summary:
    """
    Sum up how many issues were resolved, by how many were opened; of those left from before there may be more.
    """
    found = share(cases)
    return found if found.value is not None or not cases.rows else Summary(None, sum(cases.values), 0, "none_opened")


@kpi("issue_resolution_rate", _resolution)
def issue_resolution_rate(ask: Ask) -> Cases:
    """
    Find the issues that were opened in the period, below the line, and those resolved in it, above the line.
    """
    no_params(ask.params)
    waits = [each for each in _issues(ask) if _within(ask, each.start) or _within(ask, each.end)]
    return cases_of(
        ask.columns,
        waits,
        [int(_within(ask, each.end)) for each in waits],
        [int(_within(ask, each.start)) for each in waits],
    )


def _within(ask: Ask, at: int) -> bool:
    return at != NEVER and ask.start <= at < ask.end


@kpi("issue_resolution_time", ended(HOUR), in_target=in_target)
def issue_resolution_time(ask: Ask) -> Cases:
    """
    Find the issues that were resolved in the period, with the working time from the opening.

    With the variant ``in_target`` they are those that were opened in it, each with what the service standards of its
    project allow for its item and severity.
    """
    no_params(ask.params)
    if ask.variant != "in_target":
        return working_cases(ask.columns, [each for each in _issues(ask) if _within(ask, each.end)])
    waits, standards = [each for each in _issues(ask) if _within(ask, each.start)], standards_of(ask.columns)
    allowed = [
        standard_hours(
            standards.get(each.row, ()),
            "resolution_hours",
            item=each.groups["item"] or "",
            severity=each.groups["severity"],
        )
        for each in waits
    ]
    return in_target_cases(ask.columns, waits, allowed)
