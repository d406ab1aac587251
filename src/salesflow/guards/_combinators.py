"""
``all_of``, ``any_of``, ``none_of``, ``at_least``: several guards joined into one answer.

The logic has three values, as in :mod:`salesflow._model.predicate`. A guard that gives several verdicts
passes when all of them do. A skipped guard is left out, as if it had not been written; one that only
watches (``shadow``) too. A finding that only warns counts as passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from .._model.definition import GuardUse
from .._model.frozen import FrozenDict
from .._model.values import Label
from .._model.verdict import PASS, SKIPPED, UNBOUND, Remedy, Status, Verdict


COMBINATOR_CODES: Final[Mapping[str, Label]] = FrozenDict(
    {
        "all_of.failed": Label("All of these must be met: {inner}.", "以下条件须全部满足：{inner}。"),
        "all_of.unknown": Label(
            "Cannot tell whether all of these are met: {inner}.", "以下条件尚无法全部判断：{inner}。"
        ),
        "any_of.failed": Label("At least one of these must be met: {inner}.", "以下条件至少须满足一项：{inner}。"),
        "any_of.unknown": Label(
            "Cannot tell whether at least one is met: {inner}.", "无法判断是否至少满足一项：{inner}。"
        ),
        "at_least.failed": Label(
            "At least {needed} of these must be met, {met} are; not met: {inner}.",
            "以下条件至少须满足 {needed} 项，已满足 {met} 项；未满足：{inner}。",
        ),
        "at_least.unknown": Label(
            "Cannot tell whether at least {needed} are met, {met} are: {inner}.",
            "无法判断是否至少满足 {needed} 项，已满足 {met} 项：{inner}。",
        ),
        "none_of.failed": Label("None of these may hold: {inner}.", "以下情形均不得成立：{inner}。"),
        "none_of.unknown": Label(
            "Cannot tell whether none of these holds: {inner}.", "无法判断以下情形是否均不成立：{inner}。"
        ),
    }
)
"""The messages of joined verdicts, by code."""


def all_of(*uses: GuardUse) -> GuardUse:
    """
    Join guards that must all pass.
    """
    return GuardUse("all_of", guards=uses)


def any_of(*uses: GuardUse) -> GuardUse:
    """
    Join guards; at least one of them must pass.
    """
    return GuardUse("any_of", guards=uses)


def none_of(*uses: GuardUse) -> GuardUse:
    """
    Join guards of which none may pass.
    """
    return GuardUse("none_of", guards=uses)


def at_least(count: int, *uses: GuardUse) -> GuardUse:
    """
    Join guards of which *count* must pass, or all that are not skipped where those are fewer.
    """
    return GuardUse("at_least", {"count": count}, guards=uses)


def rules(name: str) -> GuardUse:
    """
    Use the guards of a rule of the definition; inside a combinator, all of them together.
    """
    return GuardUse("rules", {"name": name})


def join(word: str, verdict_groups: Sequence[Sequence[Verdict]], *, count: int = 1) -> Verdict:
    """
    Join the verdicts of several guards by ``all_of``, ``any_of``, ``none_of`` or ``at_least``: a group for each guard.

    The answer is not bound to a use. Its ``inner`` are the verdicts that decided it, and on a pass the
    warnings that came with it. Its ``missing`` are the cures of all that is not met; for ``any_of`` and ``at_least``
    those of the alternatives that take the fewest, the first of several, alternatives without a cure aside.

    Args:
        count: how many have to pass, for ``at_least``.
    """
    counted = [[verdict for verdict in group if _counts(verdict)] for group in verdict_groups]
    groups: list[tuple[Status, list[Verdict]]] = [
        (_status(kept), kept) for kept, group in zip(counted, verdict_groups, strict=True) if kept or not group
    ]
    if not groups:
        return SKIPPED
    found: list[Status] = [status for status, _ in groups]
    needed = min(count, len(found)) if word == "at_least" else 1
    status = _several(found, needed) if word == "at_least" else _joined(word, set(found))
    holding = [verdict for kind, group in groups if kind == "pass" for verdict in group]
    blocking = [[verdict for verdict in group if verdict.blocks] for _, group in groups]
    if status == "pass":
        warnings = tuple(verdict for verdict in holding if verdict.warns)
        return Verdict(UNBOUND, "pass", inner=warnings) if warnings else PASS
    if word == "none_of":
        unsure = [verdict for verdict in chain(*blocking) if verdict.status == "unknown"]
        return _answer(word, status, holding if status == "fail" else unsure, ())
    every = tuple(chain(*blocking))
    if word == "all_of":
        return _answer(word, status, every, _cures(every))
    left, about = needed - found.count("pass"), {"needed": needed, "met": found.count("pass")}
    curable = sorted([group for group in blocking if group and all(each.missing for each in group)], key=_effort)
    cures = _cures(chain(*curable[:left])) if len(curable) >= left else ()
    return _answer(word, status, every, cures, **(about if word == "at_least" else {}))


def _effort(group: Sequence[Verdict]) -> int:
    return len(_cures(group))


def _several(found: Sequence[Status], needed: int) -> Status:
    if found.count("pass") >= needed:
        return "pass"
    return "unknown" if found.count("pass") + found.count("unknown") >= needed else "fail"


def is_plain_pass(word: str, answers: Sequence[object]) -> bool:
    """
    Tell whether the answers of checks join to a pass without a note, which needs no verdict of its own.

    ``False`` says only that :func:`join` has to look.
    """
    kinds = {_plain_kind(answer) for answer in answers}
    if word == "at_least":
        return kinds <= {"pass", "skipped"} and "pass" in kinds
    if word == "any_of":
        return "pass" in kinds and "" not in kinds
    return kinds - {"skipped"} == ({"pass"} if word == "all_of" else {"fail"})


def _plain_kind(answer: object) -> str:
    if answer is PASS or answer is SKIPPED:
        return "pass" if answer is PASS else "skipped"
    # What is bound already comes from the engine, and a warning is bound to its own severity.
    return answer.status if isinstance(answer, Verdict) and answer.spec is UNBOUND and answer.status != "pass" else ""


def _counts(verdict: Verdict) -> bool:
    return verdict.status != "skipped" and verdict.spec.severity != "shadow"


def _status(group: Sequence[Verdict]) -> Status:
    found: set[Status] = {verdict.status if verdict.blocks else "pass" for verdict in group}
    return _joined("all_of", found)


def _joined(word: str, found: set[Status]) -> Status:
    decisive, decided = _DECISIVE[word]
    if decisive in found:
        return decided
    if "unknown" in found:
        return "unknown"
    return "fail" if word == "any_of" else "pass"


_DECISIVE: Final[Mapping[str, tuple[Status, Status]]] = FrozenDict(
    {"all_of": ("fail", "fail"), "any_of": ("pass", "pass"), "none_of": ("pass", "fail")}
)


def _cures(verdicts: Iterable[Verdict]) -> tuple[Remedy, ...]:
    found: list[Remedy] = []
    for verdict in verdicts:
        found.extend(remedy for remedy in verdict.missing if remedy not in found)
    return tuple(found)


def _answer(
    word: str, status: Status, inner: Iterable[Verdict], missing: tuple[Remedy, ...], **evidence: int
) -> Verdict:
    ending = "failed" if status == "fail" else "unknown"
    return Verdict(UNBOUND, status, f"{word}.{ending}", missing, FrozenDict(evidence), inner=tuple(inner))
