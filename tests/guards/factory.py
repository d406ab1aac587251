"""
Small builders for the tests of guards: a project, a context, and a way to ask a guard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from salesflow import Actor, Money, Project, Transition, Verdict
from salesflow.dossier import name_of
from salesflow.guards import Guard
from salesflow.typing import ChildProject, Context, GuardSpec, Held, Label, Visit

from ..inside.builders import frozen


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TRANSITION = Transition("go_on", "initiation", "goal_setting")
VISIT = Visit(2, "initiation", NOW - 10 * DAY, 3)


def held(entry: Any, *, version: int = 5, at: datetime = NOW - DAY, by: str = "li.wei") -> Held:
    """
    Return an entry as a dossier holds it; by default it was added in the current visit.
    """
    return Held(entry, version, at, by)


def project(
    *,
    fields: Mapping[str, Any] | None = None,
    entries: Iterable[Any] = (),
    visit: Visit = VISIT,
    outcome: str = "undecided",
    opened_by: str = "li.wei",
    taken: Mapping[str, int] | None = None,
    **more: Any,
) -> Project:
    """
    Return a project of version 10 in its second visit; *entries* are entries or ``held(entry)``.
    """
    kinds: dict[str, dict[str, Held]] = {}
    for item in entries:
        kept = item if isinstance(item, Held) else held(item)
        kinds.setdefault(kept.entry.kind, {})[kept.entry.id] = kept
    made = Project(
        "P-1",
        "Core network upgrade",
        "operating_cycle",
        "1",
        visit.stage,
        outcome,
        frozen(fields or {}),
        frozen(kinds),
        10,
        NOW - 30 * DAY,
        opened_by,
        NOW - DAY,
        visit,
        taken=frozen(taken or {}),
        visits=visit.number,
    )
    return attrs.evolve(made, **more)


def context(
    proposed: Project | None = None,
    *,
    actor: str = "chen.yu",
    roles: Iterable[str] = (),
    at: datetime = NOW,
    reason: str | None = None,
    transition: Transition = TRANSITION,
    children: tuple[ChildProject, ...] | None = None,
) -> Context:
    """
    Return what a guard looks at; without a project, a bare one.
    """
    who = Actor(actor, roles=frozenset(roles))
    return Context(proposed or project(), transition, who, at, reason, children=children)


def ask(guard: Guard[Any], ctx: Context, *args: Any, **params: Any) -> tuple[Verdict, ...]:
    """
    Run a guard with its parameters and return its verdicts, bound so that their messages can be read.

    Whatever a test is about, each verdict must also keep the promises of the guard.
    """
    answer = guard.factory(*args, **params)(ctx)
    verdicts = (answer,) if isinstance(answer, Verdict) else tuple(answer)
    bound = tuple(
        attrs.evolve(v, spec=GuardSpec(guard.name, guard.name, v.spec.severity, guard.codes)) for v in verdicts
    )
    for verdict in bound:
        check_promises(guard, verdict)
    return bound


def check_promises(guard: Guard[Any], verdict: Verdict) -> None:
    """
    Check that the code is declared, that its messages can be filled, and that all values are plain.
    """
    assert verdict.code or verdict.status in ("pass", "skipped")
    if verdict.code:
        assert verdict.code in guard.codes, f"{guard.name} does not declare {verdict.code}"
        label = guard.codes[verdict.code]
        wanted = set(re.findall(r"\{(\w+)", label.en + label.zh))
        missing = wanted - {"guard", "error", "inner", *verdict.evidence}
        assert not missing, f"{verdict.code} does not supply {missing}"
        for lang in ("en", "zh"):
            assert [] == bare_ids(verdict.message(lang)), verdict.message(lang)
    for value in [*verdict.evidence.values(), *(item for cure in verdict.missing for item in cure.params.values())]:
        assert is_plain(value), value


def bare_ids(text: str) -> list[str]:
    """
    Return the words of a text that are ids of something that has a name.
    """
    ids = re.findall(r"[a-z]+(?:_[a-z]+)+", text)
    return [each for each in ids if any(name_of(sort, each).zh for sort in ("entry", "attribute", "artefact", "role"))]


def is_plain(value: object) -> bool:
    """
    Tell whether a value can be written to a store.
    """
    if isinstance(value, tuple):
        return all(is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, (str, bool, int, float, Decimal, Money, Label, date, datetime))


def ask_one(guard: Guard[Any], ctx: Context, *args: Any, **params: Any) -> Verdict:
    """
    Run a guard that gives exactly one verdict.
    """
    (verdict,) = ask(guard, ctx, *args, **params)
    return verdict
