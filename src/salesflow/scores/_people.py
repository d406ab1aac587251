"""
Scores of people: the skills of the team, and the result of a 360-degree survey.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final

from .._model.advice import AdviceContext, Contribution, Score, advises
from .._model.frozen import EMPTY, FrozenDict
from .._model.values import Label, same_person
from ..dossier import Feedback, Member
from ..errors import say
from ..typing import Scorer
from ._parts import check_weights


@advises("skill_match", codes={"team.missing": Label("Nobody is in the team yet.", "团队尚无成员。")})
def skill_match(required: Mapping[str, int], *, weights: Mapping[str, float] = EMPTY) -> Scorer:
    """
    Score how well the team covers what is required: ``100 * sum(w * min(level / required, 1)) / sum(w)``.

    The level of a skill is the best level among the active members; a skill that no member has is 0.

    Args:
        required: the level, 1 to 5, by skill.
        weights: relative weight by skill, 1 by default.
    """
    if not required or not all(1 <= level <= 5 for level in required.values()):
        raise ValueError(say("param.required", required=dict(required)))
    if strange := [skill for skill in weights if skill not in required]:
        raise ValueError(say("param.not_required", strange=strange))
    shares = {skill: weights.get(skill, 1.0) for skill in required}
    check_weights("weights", shares)

    def score(ctx: AdviceContext) -> Score:
        team = [member for member in ctx.project.all(Member) if member.active]
        if not team:
            return Score("skill_match", None, method="skill_match", code="team.missing")
        parts: list[Contribution] = []
        for skill, level in required.items():
            best = max(member.skills.get(skill, 0) for member in team)
            share = 100 * shares[skill] / sum(shares.values()) * min(best / level, 1)
            parts.append(Contribution(skill, best, share))
        value = round(sum(part.share for part in parts), 2)
        return Score("skill_match", value, contributions=tuple(parts), n=len(team), method="skill_match")

    return score


GROUPS: Final = FrozenDict({"self": 10.0, "peer": 25.0, "report": 20.0, "manager": 35.0, "customer": 10.0})
_SINGLE: Final = ("self", "manager")


def full_groups(counts: Mapping[str, int], groups: Iterable[str], min_raters: int) -> tuple[str, ...]:
    """
    Return the groups of raters that have enough of them, by how many answered in each group.

    A group with fewer answers than *min_raters* is left out, so that no rater can be identified; ``self`` and
    ``manager`` count with one.
    """
    return tuple([name for name in groups if counts.get(name, 0) >= (1 if name in _SINGLE else min_raters)])


def _few(n: int, needed: int) -> Label:
    return Label(
        f"only {n} answered, fewer than {needed}, so the group is left out",
        f"仅 {n} 人评价，少于 {needed} 人，故不计入",
    )


@advises(
    "evaluation_360",
    codes={
        "survey.empty": Label("Too few have answered about {member}.", "关于 {member} 的有效评价不足。"),
        "survey.off_scale": Label(
            "These marks about {member} lie outside of 0 to {scale}: {marks}.",
            "关于 {member} 的以下评分超出 0 至 {scale}：{marks}。",
        ),
    },
)
def evaluation_360(
    member: str, *, weights: Mapping[str, float] = GROUPS, scale: float = 5.0, min_raters: int = 3
) -> Scorer:
    """
    Score what others say of a member: the weighted mean over groups of raters, in per cent of *scale*.

    A group with fewer answers than *min_raters* is left out and the weights are rescaled, so that no rater can be
    identified; for ``self`` and ``manager`` one rater is enough.

    Args:
        member: whom the ``feedback`` entries are about.
        weights: relative weight by group; the group is the ``source`` of the feedback.
        scale: the best mark.
    """
    check_weights("weights", weights)
    if not 0 < scale < math.inf or min_raters < 1:
        raise ValueError(say("param.raters", scale=scale, min_raters=min_raters))

    def score(ctx: AdviceContext) -> Score:
        marks: dict[str, list[float]] = {group: [] for group in weights}
        for one in ctx.project.all(Feedback):
            if (
                same_person(one.member or "", member)
                and one.score is not None
                and not one.declined
                and one.source in marks
            ):
                marks[one.source].append(float(one.score))
        if off := [mark for given in marks.values() for mark in given if not 0 <= mark <= scale]:
            evidence = {"member": member, "scale": f"{scale:g}", "marks": tuple(f"{mark:g}" for mark in off)}
            return Score("evaluation_360", None, method="evaluation_360", code="survey.off_scale", evidence=evidence)
        full = full_groups({group: len(given) for group, given in marks.items()}, weights, min_raters)
        whole, parts = sum(weights[group] for group in full), list[Contribution]()
        for group, given in marks.items():
            mean = sum(given) / len(given) if given else None
            if group in full and mean is not None and whole:
                parts.append(Contribution(group, mean, 100 * weights[group] / whole * mean / scale))
            elif given:
                parts.append(Contribution(group, None, 0.0, _few(len(given), min_raters)))
        return Score(
            "evaluation_360",
            round(sum(part.share for part in parts), 2) if whole else None,
            contributions=tuple(parts),
            n=sum(len(marks[group]) for group in full),
            method="evaluation_360",
            code="" if whole else "survey.empty",
            evidence={"member": member},
        )

    return score
