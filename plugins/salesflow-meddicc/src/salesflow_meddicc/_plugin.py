"""
The plugin object, whose methods are hooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any, ClassVar, Final

import attrs

from salesflow import Project, Transition, Verdict, hookimpl
from salesflow.guards import Guard, failed
from salesflow.scores import Contribution
from salesflow.typing import DefinedKpi, Entry, Finding, Label, Score

from ._entries import Contact, Element
from ._guards import GUARDS, NO_BUYER, person
from ._scoring import levels, share


DEAL: Final = "meddicc.deal"

_CODES: Final[Mapping[str, Label]] = {
    "meddicc.few_contacts": Label(
        "{spoken} contacts spoke with us in the last {days} days; the deal hangs on too few people.",
        "最近 {days} 天内有往来的联系人为 {spoken} 位，项目过于依赖少数人。",
    ),
    "meddicc.never_proved": Label("Nobody is known to be our champion.", "尚无得到证实的内部支持者（Champion）。"),
}


@attrs.frozen
class Meddicc:
    """
    MEDDICC for the lifecycles that are passed to it, and for no others.

    Args:
        lifecycles: by the id of a lifecycle, the stages that no forward move enters without a known
            economic buyer.
        quiet_days: for how many days a conversation counts; see the risk ``meddicc.single_threaded``.
        contacts: how many contacts must have spoken with us in that time.
    """

    name: ClassVar[str] = "meddicc"
    codes: ClassVar[Mapping[str, Label]] = _CODES
    advice: ClassVar[tuple[str, ...]] = ("meddicc.score", "meddicc.single_threaded", "meddicc.no_champion")

    lifecycles: Mapping[str, tuple[str, ...]] = attrs.field(factory=lambda: {DEAL: ("negotiate",)})
    quiet_days: int = attrs.field(default=30, kw_only=True)
    contacts: int = attrs.field(default=2, kw_only=True)

    # Before the build: names that definitions may use.

    @hookimpl
    def salesflow_guards(self) -> Iterable[Guard[...]]:
        """
        Bring the guards.
        """
        return GUARDS

    @hookimpl
    def salesflow_entries(self) -> Iterable[type[Entry]]:
        """
        Bring the entries, so that stores can read them back.
        """
        return (Contact, Element)

    @hookimpl
    def salesflow_lifecycles(self) -> Mapping[str, str]:
        """
        Bring a lifecycle that uses the guards and entries.
        """
        return {DEAL: files("salesflow_meddicc").joinpath("deal.toml").read_text("utf-8")}

    @hookimpl
    def salesflow_kpis(self) -> Iterable[DefinedKpi]:
        """
        Bring the share of open deals that are qualified.
        """
        from ._kpis import qualified_share  # noqa: PLC0415 -- loads the figures only where there are any

        return (qualified_share,)

    # Deciding: called for every move of every lifecycle, so it first checks whether the lifecycle is known.

    @hookimpl
    def salesflow_stage_rules(self, project: Project, transition: Transition) -> Iterable[Verdict]:
        """
        Refuse to enter the named stages without a known economic buyer.
        """
        guarded = self.lifecycles.get(project.lifecycle, ())
        if transition.kind == "forward" and transition.target in guarded:
            missing = person("economic_buyer", project)
            if missing:
                yield failed(NO_BUYER, *missing)

    # Advising: a score and findings, which stop no move.

    @hookimpl
    def salesflow_score(self, project: Project) -> Iterable[Score]:
        """
        Give the score of how well the deal is understood, with the share of each letter.
        """
        if project.lifecycle not in self.lifecycles:
            return
        parts = [Contribution(letter, level, share(letter, level)) for letter, level in levels(project).items()]
        value = round(sum(part.share for part in parts), 2)
        yield Score("meddicc.score", value, contributions=tuple(parts), method="scorecard")

    @hookimpl
    def salesflow_check_risks(self, project: Project, at: datetime) -> Iterable[Finding]:
        """
        Check that there is a champion, and that enough contacts speak with us.
        """
        if project.lifecycle not in self.lifecycles:
            return
        yield _no_champion(project)
        yield self._single_threaded(project, at)

    def _single_threaded(self, project: Project, at: datetime) -> Finding:
        dates = [contact.spoken_on for contact in project.all(Contact) if contact.spoken_on is not None]
        days = [(at.date() - date).days for date in dates]
        spoken = sum(0 <= day <= self.quiet_days for day in days)
        evidence: dict[str, Any] = {"spoken": spoken, "wanted": self.contacts, "days": self.quiet_days}
        if spoken >= self.contacts:
            return Finding("meddicc.single_threaded", "clear", evidence=evidence)
        action = Label("Ask each contact to introduce a colleague.", "请现有联系人各引荐一位同事。")
        return Finding(
            "meddicc.single_threaded",
            "fired",
            level="medium" if spoken else "high",
            signal=1 - spoken / self.contacts,
            code="meddicc.few_contacts",
            evidence=evidence,
            action=action,
        )


def _no_champion(project: Project) -> Finding:
    if not person("champion", project):
        return Finding("meddicc.no_champion", "clear")
    action = Label("Find out who gains most if we win, and ask for help.", "找出最受益于我方赢单的人，请其支持。")
    return Finding("meddicc.no_champion", "fired", level="high", signal=0.6, code="meddicc.never_proved", action=action)


plugin: Final = Meddicc()
"""The object that the entry point loads: it knows the lifecycle ``meddicc.deal`` only."""
