"""
The guards of the plugin. Each says in its remedies what is missing, in a form that a screen can show.
"""

from __future__ import annotations

from typing import Final

from salesflow import Project, Verdict
from salesflow.errors import in_two_languages
from salesflow.guards import Remedy, failed, guard, passed
from salesflow.typing import Check, Context, Label

from ._entries import Contact, Element, Role
from ._scoring import BEST, PERSONS, known, levels, proved, share


NO_BUYER: Final = "meddicc.no_economic_buyer"
_CHAMPION_CODES: Final = {
    "meddicc.no_champion": Label(
        "Nobody is known to be our champion; name the person, and how we know.",
        "尚无得到证实的内部支持者（Champion），请写明姓名和依据。",
    )
}
_BUYER_CODES: Final = {
    NO_BUYER: Label(
        "The economic buyer is not known; name the person, and how we know.",
        "尚未确认经济决策人（Economic Buyer），请写明姓名和依据。",
    )
}


def person(role: Role, project: Project) -> tuple[Remedy, ...]:
    """
    Return what is missing until a person is known in a role; nothing if a person is known.
    """
    found = known(project, role)
    if proved(found):
        return ()
    # With the id of a contact, the remedy is to complete that contact; without an id, to add a contact.
    params = {"role": role, "required": ("name", "evidence")}
    return (Remedy("entry", Contact.kind, params if found is None else {"id": found.id, **params}),)


@guard("meddicc.champion", codes=_CHAMPION_CODES, kinds=(Contact.kind,))
def champion() -> Check:
    """
    Ask for a champion: a contact with that role, a name, and evidence.
    """

    def check(ctx: Context) -> Verdict:
        missing = person("champion", ctx.project)
        return failed("meddicc.no_champion", *missing) if missing else passed()

    return check


@guard("meddicc.economic_buyer", codes=_BUYER_CODES, kinds=(Contact.kind,))
def economic_buyer() -> Check:
    """
    Ask for the economic buyer: a contact with that role, a name, and evidence.
    """

    def check(ctx: Context) -> Verdict:
        missing = person("economic_buyer", ctx.project)
        return failed(NO_BUYER, *missing) if missing else passed()

    return check


@guard(
    "meddicc.score_at_least",
    codes={
        "meddicc.score_low": Label(
            "The MEDDICC score is {score} of the {minimum} that are asked for; look at {letters}.",
            "MEDDICC 得分为 {score}，要求不低于 {minimum}；请先补充：{letters}。",
        )
    },
    kinds=(Contact.kind, Element.kind),
)
def score_at_least(minimum: float) -> Check:
    """
    Ask for a MEDDICC score, 0 to 100. The remedies name the fewest letters that would suffice, worst first.
    """
    if not 0 < minimum <= 100:
        raise ValueError(
            in_two_languages(
                f"minimum is {minimum}; it must be above 0, and at most 100.",
                f"minimum 为 {minimum}；须大于 0，且不超过 100。",
            )
        )

    def check(ctx: Context) -> Verdict:
        found = levels(ctx.project)
        score = sum(share(letter, level) for letter, level in found.items())
        # Rounded, because sums of thirds are not exact.
        if round(score, 6) >= minimum:
            return passed()
        letters = _wanted(found, minimum - score)
        cures = [cure for letter in letters for cure in _cures(letter, ctx.project)]
        return failed("meddicc.score_low", *cures, score=round(score, 1), minimum=minimum, letters=letters)

    return check


def _wanted(found: dict[str, int], short: float) -> tuple[str, ...]:
    gains = {letter: share(letter, BEST) - share(letter, level) for letter, level in found.items()}
    wanted: list[str] = []
    for letter in sorted(gains, key=lambda name: -gains[name]):
        if round(short, 6) <= 0:
            break
        wanted.append(letter)
        short -= gains[letter]
    return tuple(wanted)


def _cures(letter: str, project: Project) -> tuple[Remedy, ...]:
    for role in PERSONS:
        if role == letter:
            return person(role, project)
    return (Remedy("entry", Element.kind, {"id": letter, "min_level": BEST, "required": ("evidence",)}),)


GUARDS: Final = (champion, economic_buyer, score_at_least)
