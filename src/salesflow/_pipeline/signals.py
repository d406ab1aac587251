"""
Signals from outside: records a signal, and does what the rules of the definition say.
"""

from __future__ import annotations

from typing import Unpack

import attrs

from .. import dossier
from .._lifecycle.run_effects import run_effects
from .._model.definition import SAME, Transition
from .._model.facts import Change, Changed, EntryPut, Notice
from .._model.fold import propose
from .._model.frozen import FrozenDict
from .._model.project import Project
from .._model.signal_rule import SIGNALS, SignalKind
from .._model.values import check_id, check_text
from ..errors import InputError, nearest, say
from ..typing import EffectContext
from .change import check_unlocked, write_change
from .recorder import Draft, Moment, make_draft
from .results import WriteOptions, Written
from .runtime import Runtime
from .watch import evaluated


def signal(
    runtime: Runtime,
    project_id: str,
    kind: SignalKind,
    text: str,
    evidence: str,
    signal_id: str | None,
    **options: Unpack[WriteOptions],
) -> Written:
    """
    Record a signal, and do what the definition says; see :meth:`salesflow.Pipeline.signal`.
    """
    if kind not in SIGNALS:
        raise InputError("kind", kind, say("input.choice", known=SIGNALS, near=nearest(str(kind), SIGNALS)))
    check_text(text, "text=")
    check_text(evidence, "evidence=")
    if signal_id is not None:
        check_id(signal_id, "signal_id=")

    def decide(moment: Moment[Project]) -> Draft:
        check_unlocked(moment)
        name = f"{kind}-{moment.project.version + 1}" if signal_id is None else signal_id
        seen = dossier.Signal(name, text, category=kind, evidence=evidence, by=moment.who.name, seen_at=moment.at)
        return _following(runtime, moment, seen)

    about = {"kind": kind, "text": text, "evidence": evidence, "signal_id": signal_id}
    return write_change(runtime, project_id, "signal", decide, about=about, **options)


def _following(runtime: Runtime, moment: Moment[Project], seen: dossier.Signal) -> Draft:
    """
    Return the signal with what follows it: what is offered, then effects, then the early warnings.
    """
    project, lifecycle, who, at = moment.project, moment.lifecycle, moment.who, moment.at
    rules = [each for each in lifecycle.signals if seen.category in each.rule.kinds]
    open_here = lifecycle.triggers(project.stage)
    offered = [each.rule for each in rules if each.rule.offer in open_here]
    if offered:
        seen = attrs.evolve(seen, offers=str(offered[0].offer))
    about = FrozenDict({"kind": seen.kind, "id": seen.id, "about": seen.text or seen.evidence, "actor": who.name})
    notices = [Notice(project.id, project.version + 1, rule.to, rule.offer or "", about) for rule in offered if rule.to]
    changes: list[Change] = [EntryPut(seen)]
    stage = lifecycle.stage(project.stage)
    for _, effects in rules:
        same = Transition(f"{seen.category}_signal", stage.id, SAME)
        after = propose(project, tuple(changes), outcome=project.outcome, at=at, by=who.name)
        ends, calendar, version = (stage, stage), lifecycle.calendar, project.version + 1
        ctx = EffectContext(after, same, *ends, project.outcome, who, at, version, calendar, f"signal:{seen.id}")
        made, said = run_effects(effects, ctx, lifecycle.changes)
        changes += made
        notices += said
    if any(each.rule.reassess for each in rules):
        after = propose(project, tuple(changes), outcome=project.outcome, at=at, by=who.name)
        found = evaluated(runtime, attrs.evolve(moment, project=after), None).made
        changes += [each for each in found if not isinstance(each, Notice)]
        notices += [each for each in found if isinstance(each, Notice)]
    return make_draft(Changed(tuple(changes)), tuple(notices))
