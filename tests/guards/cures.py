"""
Does what remedies say, knowing nothing of the guards: the proof that a machine can read them.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, get_type_hints

import attrs

from salesflow import dossier
from salesflow._project import Project
from salesflow._values import Money
from salesflow._verdict import Remedy, Verdict
from salesflow.guards._when import is_set

from .factory import DAY, NOW, ask, context, held


CLASSES = {kind.kind: kind for kind in dossier.BUILT_IN}
BOUNDS = ("min", "max", "above", "below")
STEPS = {date: DAY, datetime: DAY, Decimal: Decimal("0.01"), float: 0.01}


def cured(guard: Any, proposed: Project, *args: Any, rounds: int = 4, **params: Any) -> Project:
    """
    Follow remedies until the guard has nothing to say any more, at most so many rounds.
    """
    for _ in range(rounds):
        verdicts = [v for v in ask(guard, context(proposed), *args, **params) if v.status != "pass"]
        if not verdicts:
            return proposed
        assert all(verdict.missing for verdict in verdicts)
        proposed = follow(proposed, verdicts)
    raise AssertionError([verdict.message() for verdict in verdicts])


def follow(proposed: Project, verdicts: list[Verdict]) -> Project:
    for remedy in (remedy for verdict in verdicts for remedy in verdict.missing):
        if remedy.kind == "field":
            proposed = fill(proposed, remedy)
        for _ in range(remedy.params.get("count", 1) if remedy.kind == "entry" else 0):
            proposed = put(proposed, remedy)
    return proposed


def fill(proposed: Project, remedy: Remedy) -> Project:
    if remedy.name == "outcome":
        return attrs.evolve(proposed, outcome="won", outcome_version=proposed.version)
    return attrs.evolve(proposed, fields=proposed.fields.plus(remedy.name, remedy.params["value"]))


def put(proposed: Project, remedy: Remedy) -> Project:
    kind = remedy.name
    before = proposed.entries.get(kind, type(proposed.entries)())
    name = remedy.params.get("id", f"new-{len(before)}")
    entry = before[name].entry if name in before else CLASSES[kind](name)
    entry = described(entry, {key: value for key, value in remedy.params.items() if key not in ("id", "count")})
    kept = held(entry, version=proposed.version + 1, at=NOW)
    return attrs.evolve(proposed, entries=proposed.entries.plus(kind, before.plus(name, kept)))


def described(entry: Any, params: dict[str, Any]) -> Any:
    """
    Return the entry as the params of a remedy want it.
    """
    if isinstance(entry, dossier.Scorecard):
        return scored(entry, params)
    values, bounds = wanted(entry, params)
    currency = params.get("currency")
    for name, limits in bounds.items():
        values[name] = within(entry, name, limits, currency)
    for name in params.get("required", ()):
        now = getattr(entry, name)
        if name not in values and (not is_set(now) or isinstance(now, Decimal)):
            values[name] = anything(entry, name)
    for name in ("amount", "received") if currency else ():
        value = values.get(name, getattr(entry, name, None))
        if value is not None:
            values[name] = Money(value.amount if isinstance(value, Money) else value, currency)
    if "unit" in values and isinstance(getattr(entry, "amount", None), Money):
        values["amount"] = entry.amount.amount
    return attrs.evolve(entry, **values)


def wanted(entry: Any, params: dict[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """
    Return the values an entry needs, and the bounds that others keep.
    """
    values: dict[str, Any] = {}
    bounds: dict[str, dict[str, Any]] = {}
    for key, value in params.items():
        bound, _, name = key.partition("_")
        if key == "sections":
            values[key] = {**entry.sections, **dict.fromkeys(value, "text")}
        elif key.endswith("_in"):
            name = key.removesuffix("_in")
            values[name] = value[:1] if is_list(entry, name) else value[0]
        elif key.endswith("_count"):
            values.setdefault(key.removesuffix("_count"), tuple(f"name-{n}" for n in range(value)))
        elif bound in BOUNDS:
            bounds.setdefault(name, {})[bound] = value
        elif key not in ("currency", "required"):
            values[key] = value
    return values, bounds


def is_list(entry: Any, name: str) -> bool:
    return str(get_type_hints(type(entry))[name]).startswith("tuple")


def anything(entry: Any, name: str) -> Any:
    hint = str(get_type_hints(type(entry))[name])
    if is_list(entry, name):
        return ("somebody",)
    if "datetime.datetime" in hint:
        return NOW
    if "datetime.date" in hint:
        return NOW.date() + 30 * DAY
    return Decimal(120) if "Decimal" in hint else "somebody"


def within(entry: Any, name: str, limits: dict[str, Any], currency: str | None) -> Any:
    kind = type(next(iter(limits.values())))
    step = STEPS.get(kind, timedelta(0))
    low = limits.get("min", limits["above"] + step if "above" in limits else None)
    high = limits.get("max", limits["below"] - step if "below" in limits else None)
    now = getattr(entry, name)
    if isinstance(now, Money) and kind is not Money:
        now = now.amount
    if is_list(entry, name):
        return (low,)
    if now is None or (low is not None and now < low):
        found = high if high is not None else low
    else:
        found = now if high is None else min(now, high)
    money = "Money" in str(get_type_hints(type(entry))[name]) and not isinstance(found, Money)
    return Money(found, currency or "CNY") if money and not isinstance(entry, dossier.ResourceDemand) else found


def scored(card: dossier.Scorecard, params: dict[str, Any]) -> dossier.Scorecard:
    items = {item.id: item for item in card.items}
    for name in params.get("met", ()):
        items[name] = attrs.evolve(items.get(name) or dossier.ScoreItem(name, 0, weight=0), met=True)
    if "min_score" in params:
        better = [
            attrs.evolve(item, score=params["min_score"], evidence="seen") for item in items.values() if item.weight
        ]
        items |= {
            item.id: item for item in better or [dossier.ScoreItem("whole", params["min_score"], evidence="seen")]
        }
    return dossier.Scorecard(card.id, tuple(items.values()))
