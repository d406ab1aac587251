"""
The path to a stage as a value: its steps, what each gate still needs, who is needed, and the least time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import attrs

from .._model.frozen import noun
from .._model.messages import Wording, render
from .._model.project import Project
from .._model.values import Label, language
from .._model.verdict import Verdict
from .._model.vocabulary import who_of


_HEAD: Final = Label("{project}: from {source} to {target}: {moves}.", "{project}：从“{source}”到“{target}”：{moves}。")
_MOVES: Final = Label("moves: {count}", "共 {count} 步")
_MOVES_AND_DAYS: Final = Label("moves: {count}, working days: at least {days}", "共 {count} 步，至少 {days} 个工作日")
_DAYS: Final = Label(", working days: {days}", "，{days} 个工作日")
_THERE: Final = Label("{project}: already in {target}.", "{project}：已处于“{target}”。")
_NO_WAY: Final = Label(
    "{project}: no way leads from {source} to {target}.", "{project}：从“{source}”无法到达“{target}”。"
)
_STEP: Final = Label("{number}. {move} → {target}", "{number}. {move} → {target}")
_OUTCOME: Final = Label(" (outcome: {outcome})", "（结果：{outcome}）")
_FREE: Final = Label("   Nothing is missing.", "   不缺任何条件。")
_ASKED: Final = Label("   - {what} (as for {earlier})", "   - {what}（同“{earlier}”）")
_NEED: Final = Label("   - {what}", "   - {what}")
_WHO: Final = Label("   - {what} ({who})", "   - {what}（{who}）")
_MEANWHILE: Final = Label("   - {what} ({who}, meanwhile)", "   - {what}（{who}，可并行）")
_UNTOLD: Final = Label("   ? Cannot tell: {what}", "   ? 无法判断：{what}")
_PEOPLE: Final = Label("Needed: {who}.", "需要：{who}。")
_TURNS: Final = {"owner": Label("owner", "负责人"), "time": Label("waiting", "等待")}


@noun(slots=False)
class PathNeed:
    """
    Something that a gate on a path still needs.

    Attributes:
        verdict: what the guard says about the project as it would stand; ``verdict.missing`` are the remedies.
        who: whose turn it is: ``role:…``, ``project:…`` for one below, a name, ``owner``, or ``time``; empty where
            the guard cannot tell.
        parallel: whether other people do it, so that it goes on beside the rest.
        days: how many working days it takes at least; ``None`` where nothing says so.
        until: when that is over.
        earlier: the id of an earlier transition of the path whose gate misses the same; done once, it may be done.
    """

    verdict: Verdict
    who: tuple[str, ...] = ()
    parallel: bool = False
    days: Decimal | None = None
    until: datetime | None = None
    earlier: str | None = None

    @property
    def untold(self) -> bool:
        """
        Whether the guard cannot tell, and nothing says what would help.
        """
        return self.verdict.status == "unknown" and not self.verdict.missing


@noun(slots=False)
class PathStep:
    """
    One move of a path.

    Attributes:
        transition: its id.
        trigger: what to fire.
        source, target: the stages that it leaves and enters.
        outcome: the outcome afterwards.
        needs: what its gate still misses; empty where nothing blocks.
        days: the longest time that one of them takes, in working days.
        at: when the move can be made at the earliest.
        given: the outcome to name when firing it; ``None`` for none.
    """

    transition: str
    trigger: str
    source: str
    target: str
    outcome: str
    needs: tuple[PathNeed, ...]
    days: Decimal
    at: datetime
    given: str | None = None


@noun(slots=False)
class PathAhead:
    """
    The shortest way to a stage, as :meth:`salesflow.Pipeline.path` finds it.

    Attributes:
        project: as it stands.
        to: the stage.
        wording: how the lifecycle names its parts.
        reachable: whether there is a way.
        steps: the moves, in order; empty where there is none, or none is needed.
        closed: where there is no way, the verdicts that close the ways that were tried; ``effect.failed`` where an
            effect fails on the way.
        others: ways that are as short.
    """

    project: Project = attrs.field(repr=False)
    to: str
    wording: Wording = attrs.field(repr=False, eq=False)
    reachable: bool
    steps: tuple[PathStep, ...] = ()
    closed: tuple[Verdict, ...] = ()
    others: tuple[PathAhead, ...] = ()

    @property
    def days(self) -> Decimal:
        """
        How many working days it takes at least: the sum of the longest of each gate.

        A need without a time counts as none.
        """
        return sum((step.days for step in self.steps), Decimal(0))

    @property
    def who(self) -> tuple[str, ...]:
        """
        The people, roles and projects that are needed besides the owner.
        """
        found = dict.fromkeys(who for step in self.steps for need in step.needs for who in need.who)
        return tuple(each for each in found if each not in _TURNS)

    def text(self, lang: str = "en") -> str:
        """
        Say the way in lines: each move, what its gate misses, and who does it.

        Args:
            lang: any language tag.
        """
        return "\n".join(self._lines(language(lang)))

    def _lines(self, lang: str) -> Iterator[str]:
        name = self.wording.label
        about: dict[str, Any] = {
            "project": f"{self.project.name} ({self.project.id})",
            "source": name("stage", self.project.stage),
            "target": name("stage", self.to),
        }
        count = {"count": str(len(self.steps)), "days": _shortly(self.days)}
        about["moves"] = render(_MOVES_AND_DAYS if self.days else _MOVES, count, lang)
        yield render((_HEAD if self.steps else _THERE) if self.reachable else _NO_WAY, about, lang)
        yield from (render(_NEED, {"what": each.message(lang)}, lang) for each in self.closed)
        outcome = self.project.outcome
        for number, step in enumerate(self.steps, 1):
            move = {"move": name("transition", step.transition), "target": name("stage", step.target)}
            line = render(_STEP, {"number": str(number), **move}, lang)
            changed = {"outcome": name("outcome", step.outcome)}
            line += "" if step.outcome == outcome else render(_OUTCOME, changed, lang)
            yield line + (render(_DAYS, {"days": _shortly(step.days)}, lang) if step.days else "")
            outcome = step.outcome
            yield from (self._need(each, lang) for each in step.needs)
            if not step.needs:
                yield _FREE.text(lang)
        if self.who:
            yield render(_PEOPLE, {"who": tuple(map(who_of, self.who))}, lang)

    def _need(self, need: PathNeed, lang: str) -> str:
        who = tuple(_TURNS.get(each) or who_of(each) for each in need.who)
        about: dict[str, Any] = {"what": need.verdict.message(lang), "who": who}
        if need.untold:
            return render(_UNTOLD, about, lang)
        if need.earlier is not None:
            return render(_ASKED, {**about, "earlier": self.wording.label("transition", need.earlier)}, lang)
        return render(_MEANWHILE if need.parallel else _WHO, about, lang)


def _shortly(days: Decimal) -> str:
    return f"{days:.1f}".removesuffix(".0")
