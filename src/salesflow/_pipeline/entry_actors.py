"""
Checks that nobody enters in another's name what an entry says of an actor: decided, rated, verified, ticked, asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from .. import dossier
from .._model.values import Actor, same_person
from ..errors import InputError, say


DONE_BY: Final[Mapping[type[Any], tuple[str, Callable[[Any], object]]]] = {
    dossier.Acknowledgement: ("by", lambda _: ()),
    dossier.Appraisal: ("by", lambda each: (each.member, each.criteria)),
    dossier.ApprovalRequest: ("by", lambda _: ()),
    dossier.ChecklistItem: ("by", lambda each: (each.text, each.done)),
    dossier.GateDecision: (
        "by",
        lambda each: (each.gate, each.verdict, each.at, each.note, [(one.id, one.text) for one in each.conditions]),
    ),
    dossier.ImprovementAction: ("verified_by", lambda each: (each.before, each.after, each.verified_on)),
    dossier.Signal: ("decided_by", lambda each: (each.decision, each.decided_at)),
}
"""
Which attribute says who did it, and what that person stands for: as long as it stays, others may change the rest.

Lists of people, such as who knows a goal or was in a meeting, are minutes, which somebody keeps for all.
"""


def in_other_names(entry: Any, before: Any, who: Actor) -> Iterator[InputError]:
    """
    Yield what an entry says in the name of another person than who writes it, and that person has not said.

    Args:
        before: the entry that it replaces, if there is one.
    """
    parts: tuple[Any, ...] = (entry,)
    known: dict[str, Any] = {} if before is None else {before.id: before}
    if isinstance(entry, dossier.Checklist):
        parts, known = entry.items, {each.id: each for old in known.values() for each in old.items}
    for part in parts:
        if type(part) not in DONE_BY:
            continue
        attribute, said = DONE_BY[type(part)]
        old, by = known.get(part.id), getattr(part, attribute)
        stays = old is not None and same_person(by, getattr(old, attribute))
        if isinstance(part, dossier.ApprovalRequest) and old is not None:
            if by and not stays:  # whoever asks grants nothing, so nobody takes the place of who asked
                yield InputError(say("what.requester", name=part.id), by, say("input.requester", by=old.by))
        elif by and not same_person(by, who.name) and not (stays and said(part) == said(old)):
            what = say("what.done_by", attribute=attribute, kind=entry.kind, name=part.id)
            yield InputError(what, by, say("input.done_by", actor=who.name, by=by, attribute=attribute))
