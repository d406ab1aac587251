"""
A pipeline of deals to be scored: two open stages, a rest, two ends; and what a scorer is asked with.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from salesflow import Actor, Definition, Field, Money, Pipeline, Stage, Transition, build_lifecycle, replay
from salesflow.scores import Norms, Record
from salesflow.typing import AdviceContext


MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ANN = Actor("ann")

STAGES = (
    Stage("new", "open"),
    Stage("offer", probability=0.5),
    Stage("paused", "hold", probability="keep"),
    Stage("won", "won"),
    Stage("lost", "lost"),
    Stage("dropped", "cancelled"),
)
WAYS = (
    Transition("make", "new", "offer"),
    Transition("back", "offer", "new", kind="loop"),
    Transition("note", ("new", "offer"), "$same"),
    Transition("pause", ("new", "offer"), "paused", kind="hold"),
    Transition("resume", "paused", "$previous", kind="resume"),
    Transition("win", "offer", "won", outcome="won"),
    Transition("lose", ("new", "offer", "paused"), "lost", kind="exit", outcome="lost"),
    Transition("drop", ("new", "offer"), "dropped", kind="exit", outcome="cancelled"),
    Transition("again", "lost", "new", kind="reopen", outcome="undecided"),
)
FIELDS = (
    Field("owner"),
    Field("amount", "money"),
    Field("source"),
    Field("reason"),
    Field("is_new", "bool"),
)


def lifecycle(*scores: Any, **more: Any) -> Any:
    """The lifecycle of the deals, with these scores."""
    parts: dict[str, Any] = {"fields": FIELDS, "stages": STAGES, "transitions": WAYS, **more}
    return build_lifecycle(Definition("deal", scores=scores, **parts))


class Deals:
    """
    A pipeline whose deals move at the days that a test names, counted from a Monday.
    """

    def __init__(self, *scores: Any, scorers: Any = (), store: Any = None, **more: Any) -> None:
        self.day = 0.0
        built = lifecycle(*scores, **more)
        self.pipeline = Pipeline(built, store=store, clock=lambda: self.at(self.day), actor=ANN, scorers=scorers)

    def at(self, day: float) -> datetime:
        return MONDAY + day * DAY

    def deal(self, name: str, *moves: tuple[float, str], opened: float = 0, entries: Any = (), **fields: Any) -> str:
        """Open a deal, and take it through moves, each a day and a trigger."""
        self.pipeline.open(name, id=name, fields=fields, entries=entries, at=self.at(opened), ahead=True)
        for day, trigger in moves:
            self.pipeline.fire(name, trigger, at=self.at(day), ahead=True)
        return name

    def won(self, name: str, day: float = 10, **fields: Any) -> str:
        return self.deal(name, (day / 2, "make"), (day, "win"), **fields)

    def lost(self, name: str, day: float = 10, **fields: Any) -> str:
        return self.deal(name, (day, "lose"), **fields)

    def context(self, name: str, day: float | None = None, **more: Any) -> AdviceContext:
        """What a scorer is asked with."""
        history = self.pipeline.history(name)
        project = replay(history)
        built = self.pipeline.lifecycle
        at = project.updated_at if day is None else self.at(day)
        return AdviceContext(project, at, built.stage(project.stage), built.stages, history, **more)

    @property
    def norms(self) -> Norms:
        return self.pipeline.norms()


def ask(kind: Any, ctx: AdviceContext, /, **params: Any) -> Any:
    """What a scorer with these parameters says."""
    return kind.factory(**params)(ctx)


def shares(score: Any) -> dict[str, float]:
    """What each factor adds, rounded as it is shown."""
    return {part.factor: round(part.share, 2) for part in score.contributions}


def record(number: int, stage: str, *, won: bool = False, **values: str) -> Record:
    """A closed project; the higher the number, the later it closed."""
    return Record(f"P-{number}", won, stage, values, MONDAY + number * DAY)


def euros(amount: int) -> Money:
    return Money(amount, "EUR")
