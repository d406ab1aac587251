"""
Guards over the documents of a project: there, approved, fresh.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .._model.frozen import FrozenDict
from .._model.project import Held, Project
from .._model.values import Label
from .._model.verdict import PASS, Verdict, failed
from ..dossier import Approval, Artefact
from ..typing import Check, Context
from ._base import Since, asked_of, at_least, counts, cure, days, guard, held_of


_MISSING: Final[Mapping[str, Label]] = FrozenDict(
    {
        "artefact.missing": Label(
            "Artefact {type:artefact}: {min} needed, {found} found.",
            "文档 {type:artefact}：需要 {min} 份，现有 {found} 份。",
        ),
        "artefact.missing_since": Label(
            "Artefact {type:artefact}: {min} needed, {found} added since {since}, when this stage was entered.",
            "文档 {type:artefact}：需要 {min} 份，自 {since} 进入本阶段以来新增 {found} 份。",
        ),
    }
)


def current_artefacts(project: Project, type: str, since: Since = "") -> list[tuple[Artefact, Held]]:
    """
    Return what counts of a type, the latest first.
    """
    found = [
        (artefact, held)
        for artefact, held in held_of(project, Artefact)
        if artefact.type == type and not artefact.superseded and counts(held, project, since)
    ]
    return sorted(found, key=lambda pair: (pair[1].version, pair[0].id), reverse=True)


def _missing(project: Project, type: str, min: int, found: int, since: Since = "") -> Verdict:
    remedy = cure("entry", Artefact.kind, type=type, **({"count": min - found} if min - found > 1 else {}))
    if not since:
        return failed("artefact.missing", remedy, type=type, min=min, found=found)
    return failed("artefact.missing_since", remedy, type=type, min=min, found=found, since=project.visit.entered_at)


def _asked(type: str, *_args: Any, **_params: Any) -> tuple[tuple[str, str], ...]:
    return ((Artefact.kind, type),)


@guard("artefact_exists", codes=_MISSING, asks=_asked, kinds=("artefact",))
def artefact_exists(type: str, *, min: int = 1, since: Since = "") -> Check:
    """
    Ask for artefacts of a type that nothing has superseded.

    Args:
        min: how many.
        since: ``stage_entry`` counts those added in the current visit or with the move itself.
    """
    at_least(1, min=min)

    def check(ctx: Context) -> Verdict:
        found = len(current_artefacts(ctx.project, type, since))
        return PASS if found >= min else _missing(ctx.project, type, min, found, since)

    return check


@guard(
    "artefact_approved",
    codes={
        **_MISSING,
        "artefact.unapproved": Label("Not approved yet: {named}{asked}.", "尚未批准：{named}{asked}。"),
        "artefact.changed": Label(
            "{named} has changed since it was approved and needs a new approval{asked}.",
            "{named} 在批准后有改动，需要重新批准{asked}。",
        ),
    },
    asks=_asked,
    kinds=("artefact", "approval"),
)
def artefact_approved(type: str, *, roles: tuple[str, ...] = (), min: int = 1) -> Check:
    """
    Ask that the latest artefacts of a type are approved as they are now.

    An approval binds to the artefact's digest. Where an artefact has none, the approval must not be
    older than the artefact.

    Args:
        roles: the approver held one of them; empty if any actor may approve.
        min: how many of the latest artefacts are looked at.
    """
    at_least(1, min=min)

    def check(ctx: Context) -> Verdict:
        latest = current_artefacts(ctx.project, type)[:min]
        if len(latest) < min:
            return _missing(ctx.project, type, min, len(latest))
        approvals = [
            (approval, held)
            for approval, held in held_of(ctx.project, Approval)
            if not roles or not set(roles).isdisjoint(approval.roles)
        ]
        codes = {artefact.id: _approval_code(artefact, held, approvals) for artefact, held in latest}
        open_ones = tuple(name for name, code in codes.items() if code)
        if not open_ones:
            return PASS
        code = "artefact.unapproved" if "artefact.unapproved" in codes.values() else "artefact.changed"
        remedies = (cure("approval", type, subject=name, roles=roles) for name in open_ones)
        said = {"named": _named(type, open_ones), "asked": asked_of(roles)}
        return failed(code, *remedies, type=type, artefacts=open_ones, roles=roles, **said)

    return check


def _named(type: str, artefacts: tuple[str, ...]) -> Label:
    """
    Return the type of artefacts with their ids, as far as these say more.
    """
    own = artefacts == (type,)
    return (
        Label("{type:artefact}")
        if own
        else Label("{type:artefact} ({artefacts:id})", "{type:artefact}（{artefacts:id}）")
    )


def _approval_code(artefact: Artefact, held: Held, approvals: list[tuple[Approval, Held]]) -> str:
    given = [(approval, at.version) for approval, at in approvals if approval.subject == artefact.id]
    now = [
        approval.granted
        for approval, version in given
        if (approval.digest == artefact.digest if artefact.digest else not approval.digest and version >= held.version)
    ]
    if any(now):
        return ""
    # A refusal of the present content says more than a grant of an earlier one.
    changed = not now and any(approval.granted for approval, _ in given)
    return "artefact.changed" if changed else "artefact.unapproved"


@guard(
    "artefact_fresh",
    codes={
        **_MISSING,
        "artefact.stale": Label(
            "{type:artefact} was last updated on {updated}; it may be {max_age_days} day(s) old at most.",
            "{type:artefact} 上次更新于 {updated}，最长有效期为 {max_age_days} 天。",
        ),
    },
    asks=_asked,
    kinds=("artefact",),
)
def artefact_fresh(type: str, max_age_days: int) -> Check:
    """
    Ask for an artefact that was added or replaced at most *max_age_days* days of 24 hours ago.
    """
    limit = days("max_age_days", max_age_days)

    def check(ctx: Context) -> Verdict:
        times = [held.at for _, held in current_artefacts(ctx.project, type)]
        if not times:
            return _missing(ctx.project, type, 1, 0)
        updated = max(times)
        if ctx.at - updated <= limit:
            return PASS
        remedy = cure("entry", Artefact.kind, type=type)
        return failed("artefact.stale", remedy, type=type, updated=updated, max_age_days=max_age_days)

    return check
