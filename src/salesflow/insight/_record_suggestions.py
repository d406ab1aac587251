"""
Records that figures suggest: coaching, hiring needs and rewards. Nothing is recorded until somebody adds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Final

from .._model.advice import Finding
from .._model.argument_types import explain_types
from .._model.messages import format_value
from .._model.values import Label, person
from ..dossier import CoachingAction, HiringNeed, Incentive, Member, Reward, SkillTarget
from ._columns.dossiers import entries_of
from ._diagnosis import Diagnosis
from ._portfolio import Portfolio


@explain_types
def suggest_coaching(
    finding: Diagnosis | Finding, *, member: str = "", coach: str = "", due: date | None = None, lang: str = "en"
) -> CoachingAction:
    """
    Suggest a coaching action from a diagnosis or a risk finding, with the recommended action.

    The id is the same for the same finding about the same person, so that adding it again replaces it.

    Args:
        finding: of ``portfolio.diagnose()``, or of the risk checks of a project.
        member: the person it is about; by default the group of a diagnosis.
        coach: who does it with the member.
        due: the day by which it is to be done.
        lang: the language of the text.

    Raises:
        InputError: for the finding of a risk check without a member, or a name that is none.
    """
    if isinstance(finding, Diagnosis):
        because, action, evidence = finding.rule.name, finding.rule.action, tuple(finding.evidence)
        who = member or str(finding.group)
    else:
        because, action, who = finding.check, finding.action, member
        evidence = tuple(f"{name}: {format_value(value, lang)}" for name, value in finding.evidence.items())
    return CoachingAction(
        _named(because, who), who, text=action.text(lang), because=because, evidence=evidence, coach=coach, due=due
    )


def _named(what: str, who: str) -> str:
    return f"{what}-{sha256(person(who).encode()).hexdigest()[:8]}"


_LACKING: Final = Label(
    "{able} of {needed} have {skill} at level {level}.", "{skill} 达到 {level} 级的有 {able} 人，需要 {needed} 人。"
)


@explain_types
def suggest_hiring(portfolio: Portfolio, *, lang: str = "en") -> tuple[tuple[str, HiringNeed], ...]:
    """
    Suggest hiring needs: for each skill target of a team how many active members are short of it.

    Each need comes with the id of its project, and has the id of its target, so that adding it again replaces it.

    Args:
        portfolio: whose teams count.
        lang: the language of the reasons.
    """
    columns = portfolio.columns
    names = columns.tables.projects.id
    teams: dict[int, list[Member]] = {}
    for row, member in entries_of(columns, Member):
        if member.active:
            teams.setdefault(row, []).append(member)

    def needs() -> Iterator[tuple[str, HiringNeed]]:
        for row, target in entries_of(columns, SkillTarget):
            able = sum(each.skills.get(target.skill, 0) >= target.level for each in teams.get(row, ()))
            if target.member or able >= target.members:
                continue
            reason = _LACKING.text(lang).format(
                able=able, needed=target.members, skill=target.skill, level=target.level
            )
            skills = {target.skill: target.level}
            yield (
                names[row],
                HiringNeed(f"skill-{target.id}", skills=skills, count=target.members - able, reason=reason),
            )

    return tuple(needs())


@explain_types
def suggest_rewards(portfolio: Portfolio) -> tuple[tuple[str, Reward], ...]:
    """
    Suggest the rewards that incentives promised and that are due: the goal is reached as far as they ask.

    Who has a reward for an incentive already is left out. Without members the incentive is for the owner of the goal.
    Each reward comes with the id of its project, and is not given yet.

    Args:
        portfolio: whose incentives and goals count.

    Raises:
        InputError: for amounts in several currencies without rates.
    """
    columns = portfolio.columns
    names = columns.tables.projects.id
    goals = {(each.project, each.id): each for each in portfolio.targets() if each.kind == "goal" and each.latest}
    given = {(row, each.incentive, person(each.member)) for row, each in entries_of(columns, Reward)}

    def due() -> Iterator[tuple[str, Reward]]:
        for row, promised in entries_of(columns, Incentive):
            goal = goals.get((names[row], promised.goal))
            if goal is None or goal.attainment is None or goal.attainment < promised.attainment:
                continue
            for member in promised.members or ((goal.owner,) if goal.owner else ()):
                if (row, promised.id, person(member)) not in given:
                    yield (
                        names[row],
                        Reward(
                            _named(promised.id, member),
                            member,
                            promised.type,
                            reason=promised.text,
                            amount=promised.amount,
                            goal=goal.id,
                            incentive=promised.id,
                        ),
                    )

    return tuple(due())
