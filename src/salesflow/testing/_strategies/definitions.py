"""
The strategies for definitions that can be built, with everything that a definition may have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from hypothesis import strategies as st

from ... import Definition, Lifecycle, Money, Stage, Transition, build_lifecycle, effects, guards
from ..._model.definition import Field
from ..._model.verdict import Severity
from ...typing import Deadline, Duration, EffectUse, GuardUse, Spawn


Part: TypeAlias = Literal[
    "candidates",
    "loops",
    "holds",
    "chains",
    "reopen",
    "spawn",
    "deadlines",
    "outcomes",
    "effects",
    "guards",
    "rules",
    "anywhere",
]
"""
A feature that a generated definition may have; ``chains`` are holds that lead from one hold to another, and
``anywhere`` are transitions from ``*``.
"""

PARTS: Final[tuple[Part, ...]] = get_args(Part)

FIELDS: Final = (
    Field("owner"),
    Field("amount", "money"),
    Field("region", "choice", choices=("north", "south")),
    Field("urgent", "bool"),
    Field("size", "integer"),
    Field("promised", "date"),
)
_WORK: Final = ("lead", "offer", "contract", "delivery")
_NEXT: Final = ("qualify", "negotiate", "sign", "close")
_ARTEFACT: Final = "quote"
_CONDITIONS: Final[tuple[Any, ...]] = (
    None,
    {"urgent": True},
    {"region": {"in": ["north"]}},
    {"not": {"size": {"gt": 1}}},
    {"any": [{"amount": {"ge": "10 CNY"}}, {"urgent": {"set": False}}]},
)


def guard_uses(plain: Iterable[GuardUse] = ()) -> st.SearchStrategy[GuardUse]:
    """
    Generate uses of guards: some with a condition, a severity or an override, some joined.

    Args:
        plain: the uses they are made from; by default uses of built-in guards on :func:`definitions`.
    """
    single = st.sampled_from(tuple(plain) or _plain())
    combinators = st.sampled_from([guards.all_of, guards.any_of, guards.none_of, partial(guards.at_least, 1)])
    joined = st.builds(_joined, combinators, st.lists(single, min_size=1, max_size=2))
    more = {"when": _CONDITIONS, "severity": _SEVERITIES, "override": (False, True)}
    return st.builds(GuardUse.but, single | joined, **{name: st.sampled_from(found) for name, found in more.items()})


_SEVERITIES: Final[tuple[Severity, ...]] = ("block", "block", "block", "warn", "shadow")


def _joined(combinator: Callable[..., GuardUse], parts: list[GuardUse]) -> GuardUse:
    return combinator(*parts)


@cache
def _plain() -> tuple[GuardUse, ...]:
    return (
        guards.fields_present("amount"),
        guards.fields_present("region", "urgent"),
        guards.field_compare("amount", "ge", Money("10", "CNY")),
        guards.field_compare("size", "lt", 2),
        guards.field_compare("region", "ne", "south"),
        guards.artefact_exists(_ARTEFACT),
        guards.approval("deal", roles=("sales_director",)),
        guards.actor_has_role("project_lead"),
        guards.min_time_in_stage(2),
        guards.outcome_set("undecided", "won"),
        guards.loop_budget("lose", 1),
    )


@cache
def _effect_uses() -> st.SearchStrategy[EffectUse]:
    plain = [
        effects.notify(("owner",)),
        effects.set_field("urgent", True),
        effects.set_field("amount", "12 CNY"),
        effects.create_task("Call the customer", due_days=2),
        effects.clear_fields(("region", "amount")),
    ]
    return st.builds(EffectUse.but, st.sampled_from(plain), when=st.sampled_from(_CONDITIONS))


@st.composite
def definitions(
    draw: st.DrawFn,
    *,
    parts: Iterable[Part] = PARTS,
    uses: st.SearchStrategy[GuardUse] | None = None,
    stages: int = 4,
) -> Definition:
    """
    Generate a definition that can be built: a line of stages to an end, and transitions across it.

    The smallest definition is a stage ``lead`` that is won or lost.

    Args:
        parts: the features it may have, see ``Part``.
        uses: the uses of guards on its transitions, on the fields ``owner``, ``amount`` (money),
            ``region`` (north, south), ``urgent`` (bool), ``size`` (integer) and ``promised`` (date).
        stages: the largest number of stages of work, up to 4.
    """
    maker = _DefinitionMaker(draw, frozenset(parts), guard_uses() if uses is None else uses)
    work: list[str] = list(_WORK[: draw(st.integers(1, stages))])
    ends = [Stage("won", "won"), Stage("lost", "lost")]
    made = [
        *maker.line(work),
        *maker.across(work),
        *maker.leaving_the_end(work),
    ]
    holds, around = maker.holds(work)
    deadlines = {stage: maker.deadlines() for stage in work}
    first, *others = work
    every = [*made, *around]
    turn = draw(st.integers(0, len(every) - 1))  # which candidate of a trigger comes first
    return Definition(
        "generated",
        fields=FIELDS,
        rules=maker.rules,
        stages=[
            Stage(first, "open", produces=(_ARTEFACT,), deadlines=deadlines[first]),
            *(Stage(stage, deadlines=deadlines[stage]) for stage in others),
            *ends,
            *holds,
        ],
        transitions=[*every[turn:], *every[:turn]],
    )


def lifecycles(
    *,
    parts: Iterable[Part] = PARTS,
    uses: st.SearchStrategy[GuardUse] | None = None,
    stages: int = 4,
    plugins: Any = (),
) -> st.SearchStrategy[Lifecycle]:
    """
    Generate the lifecycles of :func:`definitions`.

    Args:
        plugins: the plugins they are built with, for guards of your own in *uses*.
    """
    written = definitions(parts=tuple(parts), uses=uses, stages=stages)
    return written.map(lambda definition: build_lifecycle(definition, plugins=plugins))


class _DefinitionMaker:
    """
    Draws the transitions of one definition.
    """

    def __init__(self, draw: st.DrawFn, parts: frozenset[str], uses: st.SearchStrategy[GuardUse]) -> None:
        self._draw = draw
        self._parts = parts
        self._guards = st.lists(uses, max_size=2)
        self._effects = st.lists(_effect_uses(), max_size=1)
        self.rules: dict[str, list[GuardUse]] = {}
        if {"guards", "rules"} <= parts and draw(st.booleans()):
            some = st.lists(uses, min_size=1, max_size=2)
            # What a combinator joins has no severity of its own.
            joined = some.map(lambda found: [use.but(severity="block", override=False) for use in found])
            self.rules = {"sign_off": draw(some), "checks": draw(joined)}
            self.rules["both"] = [guards.rules("sign_off"), guards.any_of(guards.rules("checks"))]
            named = st.sampled_from([guards.rules(name) for name in self.rules])
            using = st.builds(GuardUse.but, named, when=st.sampled_from(_CONDITIONS))
            self._guards = st.lists(uses | using, max_size=3)

    def _some(self, part: Part, most: int) -> range:
        return range(self._draw(st.integers(0, most)) if part in self._parts else 0)

    def _decided(self) -> dict[str, Any]:
        """
        Draw the guards and effects of a transition.
        """
        given: dict[str, Any] = {}
        if "guards" in self._parts:
            given["guards"] = self._draw(self._guards)
        if "effects" in self._parts:
            given["effects"] = self._draw(self._effects)
        return given

    def _outcome(self, *choices: Any) -> Any:
        return self._draw(st.sampled_from([None, *choices])) if "outcomes" in self._parts else None

    def _sources(self, work: list[str], some: list[str] | None = None) -> dict[str, Any]:
        """
        Draw from where a transition starts: some stages of work, or all with exceptions.
        """
        if "anywhere" in self._parts and self._draw(st.booleans()):
            left_out = self._draw(st.lists(st.sampled_from(work), max_size=len(work) - 1, unique=True))
            return {"source": ("*",), "except_": tuple(left_out)}
        return {"source": tuple(some or self._draw(st.lists(st.sampled_from(work), min_size=1, unique=True)))}

    def line(self, work: list[str]) -> list[Transition]:
        """
        Return the transitions from the first stage to the end, and the exit from all of them.
        """
        names = [*_NEXT[: len(work) - 1], _NEXT[-1]]
        trigger = self._draw(st.sampled_from([None, "next"]))
        edges = [
            Transition(name, source, target, trigger=trigger or name, **self._decided())
            for name, source, target in zip(names, work, [*work[1:], "won"], strict=True)
        ]
        outcome = self._outcome("lost", ("lost", "no_decision"))
        ends = {**self._sources(work, work), **self._decided()}
        return [*edges, Transition("lose", target="lost", kind="exit", outcome=outcome, **ends)]

    def across(self, work: list[str]) -> list[Transition]:
        """
        Return loops, and other candidates for the existing triggers.
        """
        loops = [
            Transition(
                f"loop_{number}",
                target=self._draw(st.sampled_from([*work, "$same"])),
                kind="loop",
                outcome=self._outcome("undecided", ("won", "no_decision")),
                **self._sources(work),
                **self._decided(),
            )
            for number in self._some("loops", 2)
        ]
        candidates = [
            Transition(
                f"other_{number}",
                target=self._draw(st.sampled_from([*work, "won"])),
                trigger=self._draw(st.sampled_from(["next", "lose", "jump"])),
                **self._sources(work),
                **self._decided(),
            )
            for number in self._some("candidates", 2)
        ]
        return loops + candidates

    def leaving_the_end(self, work: list[str]) -> list[Transition]:
        """
        Return the transitions that lead on from a final stage.
        """
        found = [
            Transition("reopen", ("won", "lost"), work[-1], kind="reopen", outcome="undecided", **self._decided())
            for _ in self._some("reopen", 1)
        ]
        again = Spawn("generated", carry=("owner", "amount", "artefact"))
        found += [
            Transition("again", ("won", "lost"), kind="spawn", spawn=again, **self._decided())
            for _ in self._some("spawn", 1)
        ]
        return found

    def holds(self, work: list[str]) -> tuple[list[Stage], list[Transition]]:
        """
        Return hold stages and the transitions into and out of them.
        """
        names = [f"paused_{number}" for number in self._some("holds", 2)]
        edges: list[Transition] = []
        for number, name in enumerate(names):
            edges += [
                Transition(f"pause_{number}", target=name, kind="hold", trigger="pause", **self._sources(work)),
                Transition(f"resume_{number}", name, "$previous", kind="resume", trigger="resume", **self._decided()),
                Transition(f"give_up_{number}", name, "lost", kind="exit", trigger="lose"),
            ]
        if len(names) == 2:
            edges += [Transition("extend", names[0], names[1], kind="hold") for _ in self._some("chains", 1)]
        return [Stage(name, "hold") for name in names], edges

    def deadlines(self) -> tuple[Deadline, ...]:
        """
        Return the deadlines of a stage.
        """
        span, told = cast("Any", Duration(2, "d")), (effects.notify(("owner",)),)
        kinds = (Deadline("sla", span, effects=told), Deadline("end", before=span, field="promised", effects=told))
        return tuple(self._draw(st.sampled_from(kinds)) for _ in self._some("deadlines", 1))
