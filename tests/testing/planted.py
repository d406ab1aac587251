"""
Lifecycles, rules and stores with one planted fault each, and what the machine must say of it.

Each is small, so that the fault is the only thing that can be found.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar
from uuid import uuid4

import attrs

from salesflow import Actor, Definition, Fact, Field, Lifecycle, Project, Stage, Transition, build_lifecycle, guards
from salesflow.dossier import Approval
from salesflow.effects import effect, set_field
from salesflow.guards import failed, guard, passed
from salesflow.plugins import hookimpl
from salesflow.stores import MemoryStore
from salesflow.testing.rules import at_most
from salesflow.typing import (
    Cadence,
    Commit,
    Committed,
    Deadline,
    EffectUse,
    FieldSet,
    GuardUse,
    Invariant,
    Label,
    Remedy,
)


Planted = dict[str, Any]
"""The arguments of ``lifecycle_machine``, with the lifecycle."""

STAGES = (Stage("lead", "open"), Stage("offer"), Stage("won", "won"), Stage("lost", "lost"))
FIELDS = (Field("amount", "money"), Field("owner"), Field("note"), Field("count", "integer"))
CODES = {"planted.no": Label("Not now: {why}.", "暂不可以：{why}。")}
AMOUNT = guards.fields_present("amount")

FAULTS: dict[str, tuple[Callable[[], Planted], tuple[str, ...]]] = {}
"""By name: what makes it, and the words that the failure must say."""


def planted(*words: str) -> Callable[[Callable[[], Planted]], Callable[[], Planted]]:
    """
    Enter a fault under the name of the function that makes it.
    """

    def enter(make: Callable[[], Planted]) -> Callable[[], Planted]:
        FAULTS[make.__name__] = make, words
        return make

    return enter


def deal(
    *transitions: Transition, stages: tuple[Stage, ...] = STAGES, plugins: tuple[Any, ...] = (), **more: Any
) -> Lifecycle:
    """
    Return a short lifecycle; *transitions* replace those of the same id.
    """
    usual = (
        Transition("make_offer", "lead", "offer", guards=[AMOUNT]),
        Transition("win", "offer", "won", outcome="won"),
        Transition("lose", ("lead", "offer"), "lost", kind="exit", outcome="lost"),
    )
    edges = {one.id: one for one in (*usual, *transitions)}
    return build_lifecycle(
        Definition("deal", fields=FIELDS, stages=stages, transitions=tuple(edges.values()), **more), plugins=plugins
    )


def plugin(
    *, guards: tuple[Any, ...] = (), effects: tuple[Any, ...] = (), entries: tuple[Any, ...] = (), **hooks: Any
) -> Any:
    """
    Return a plugin that brings these.
    """
    made = {"salesflow_guards": guards, "salesflow_effects": effects, "salesflow_entries": entries}
    given = {name: hookimpl(lambda found=found: found) for name, found in made.items() if found}
    return SimpleNamespace(name="planted", **given, **{name: hookimpl(call) for name, call in hooks.items()})


# --- Guards that cannot be met --------------------------------------------------------------------------------------


@planted("every transition can be taken", "'win'", "amount")
def gate_that_contradicts_itself() -> Planted:
    """The graph leads to ``won``, but no amount is both small and large."""
    small = guards.field_compare("amount", "le", "10 CNY")
    large = guards.field_compare("amount", "ge", "20 CNY")
    return {"lifecycle": deal(Transition("win", "offer", "won", outcome="won", guards=[small, large]))}


@planted("every transition can be taken", "'win'", "max_time_in_stage")
def window_that_never_opens() -> Planted:
    """It has to wait a month, and may not wait ten days."""
    uses = [guards.min_time_in_stage(30), guards.max_time_in_stage(10)]
    return {"lifecycle": deal(Transition("win", "offer", "won", outcome="won", guards=uses))}


@planted("every transition can be taken", "'win'", "no actor may grant it")
def approval_that_nobody_may_give() -> Planted:
    """The only director is the one who opens the projects."""
    use = guards.approval("deal", roles=("director",), distinct_from="requester")
    actors = (Actor("ann", roles={"director"}), Actor("bob"))
    return {"lifecycle": deal(Transition("win", "offer", "won", outcome="won", guards=[use])), "actors": actors}


@planted("every transition can be taken", "'win_late'", "chosen instead")
def candidate_that_is_never_chosen() -> Planted:
    """Two transitions share a trigger, and the first one always passes: it sets what it asks for."""
    early = Transition("win", "offer", "won", trigger="sign", outcome="won", guards=[guards.outcome_set("won")])
    late = Transition("win_late", "offer", "won", trigger="sign", outcome="won")
    return {"lifecycle": deal(early, late)}


@guard("planted.liar", codes=CODES)
def liar() -> Any:
    """
    Ask for a note, and stay shut when it is there.
    """
    return lambda ctx: failed("planted.no", Remedy("field", "note"), why="it says so")


@planted("every transition can be taken", "'win'", "note = 'some note'")
def remedy_that_does_not_cure() -> Planted:
    """What the guard asks for does not help."""
    use = GuardUse("planted.liar")
    return {
        "lifecycle": deal(
            Transition("win", "offer", "won", outcome="won", guards=[use]), plugins=(plugin(guards=(liar,)),)
        )
    }


# --- Ways that lead nowhere -----------------------------------------------------------------------------------------


@planted("every project can end", "loop_budget", "'win'", "'lose'")
def loop_that_never_ends() -> Planted:
    """Who has revised an offer can only revise it again."""
    once = guards.loop_budget("revise", 1)
    return {
        "lifecycle": deal(
            Transition("revise", "offer", "lead", kind="loop"),
            Transition("win", "offer", "won", outcome="won", guards=[once]),
            Transition("lose", ("lead", "offer"), "lost", kind="exit", outcome="lost", guards=[once]),
        )
    }


class Restless(MemoryStore):
    """
    Does not keep what a hold interrupted.
    """

    def head(self, project_id: str) -> Project | None:
        found = super().head(project_id)
        return None if found is None else attrs.evolve(found, suspended=None)


@planted("replay is live", "suspended: ", "None found")
def hold_that_loses_its_stage() -> Planted:
    """Nobody knows any more where a project on hold goes on."""
    edges = (
        Transition("rest", ("lead", "offer"), "resting", kind="hold"),
        Transition("wake", "resting", "$previous", kind="resume"),
    )
    return {"lifecycle": deal(*edges, stages=(*STAGES, Stage("resting", "hold"))), "store": Restless}


@planted("outcome fits the final stage", "'lost'")
def outcome_that_does_not_fit() -> Planted:
    """It ends as lost in the stage of the won."""
    return {"lifecycle": deal(Transition("win", "offer", "won", outcome="lost"))}


# --- Rules that are not pure ----------------------------------------------------------------------------------------


@guard("planted.office_hours", codes=CODES)
def office_hours() -> Any:
    """
    Ask for a time of day, of the wrong clock.
    """
    return lambda ctx: passed() if datetime.now(UTC).year > 2000 else failed("planted.no", why="it is late")


@planted("a decision is pure", "datetime.now in planted.py")
def guard_that_reads_the_clock() -> Planted:
    """It does not ask the time of the move, and agrees all the same."""
    return _with_guard(office_hours)


@guard("planted.lottery", codes=CODES)
def lottery() -> Any:
    """
    Ask for luck.
    """
    return lambda ctx: passed() if random.random() < 2 else failed("planted.no", why="no luck")


@planted("a decision is pure", "chance (Random.random in planted.py")
def guard_that_draws_lots() -> Planted:
    """It looks at chance, whatever that says."""
    return _with_guard(lottery)


@guard("planted.counter", codes=CODES)
def counter() -> Any:
    """
    Ask that one has asked before.
    """
    asked: list[int] = []

    def check(ctx: Any) -> Any:
        asked.append(1)
        return passed() if len(asked) % 2 == 0 else failed("planted.no", why="ask again")

    return check


@planted("a decision is deterministic", "planted.no")
def guard_that_counts_its_calls() -> Planted:
    """Every second answer is yes."""
    return _with_guard(counter)


@guard("planted.raises", codes=CODES, reads=lambda: ("amount",))
def raises() -> Any:
    """
    Ask for the amount, and trip where there is none.
    """
    return lambda ctx: passed() if ctx.project.fields["amount"].amount > 0 else failed("planted.no", why="too little")


@planted("no rule fails itself", "KeyError")
def guard_that_raises() -> Planted:
    """Without an amount it stumbles."""
    return _with_guard(raises)


@attrs.define
class Board:
    """
    An entry of a plugin that can be changed.
    """

    kind: ClassVar[str] = "planted.board"

    id: str
    seen: int = 0


@guard("planted.marks", codes=CODES)
def marks() -> Any:
    """
    Ask for a board, and write on it.
    """

    def check(ctx: Any) -> Any:
        boards = ctx.project.all(Board)
        for board in boards:
            board.seen += 1
        return passed() if boards else failed("planted.no", Remedy("entry", "planted.board"), why="there is no board")

    return check


@planted("a decision changes nothing", "seen")
def guard_that_writes_on_the_dossier() -> Planted:
    """It changes what it looks at."""
    return _with_guard(marks, entries=(Board,))


def _with_guard(kind: Any, **more: Any) -> Planted:
    use = GuardUse(kind.name)
    brought = plugin(guards=(kind,), **more)
    return {"lifecycle": deal(Transition("win", "offer", "won", outcome="won", guards=[use]), plugins=(brought,))}


# --- Effects --------------------------------------------------------------------------------------------------------


def has_amount(project: Project) -> bool:
    return project.stage != "offer" or "amount" in project.fields


@planted("has_amount", "stage 'offer'")
def effect_that_breaks_an_invariant() -> Planted:
    """Whoever makes an offer loses the amount."""
    clear = Transition("make_offer", "lead", "offer", guards=[AMOUNT], effects=[set_field("amount", "")])
    return {"lifecycle": deal(clear), "invariants": [has_amount]}


@planted("has_amount", "stage 'offer'")
def field_that_is_cleared_later() -> Planted:
    """The gate asks for the amount once, and nobody looks after it."""
    return {"lifecycle": deal(), "invariants": [has_amount]}


def discount_is_small(project: Project) -> bool:
    return project.stage != "won" or project.fields.get("count", 0) <= 20


@planted("discount_is_small", "stage 'won'")
def field_that_is_raised_later() -> Planted:
    """The gate asks for a small number once, and the next one for nothing."""
    small = guards.field_compare("count", "le", 20)
    return {
        "lifecycle": deal(Transition("make_offer", "lead", "offer", guards=[small.but(when={"count": {"set": True}})])),
        "invariants": [discount_is_small],
    }


@planted("small_discount", "stage 'won'", "it is false; ", "count is ")
def invariant_of_the_definition_that_nobody_keeps() -> Planted:
    """The definition says what must be true of a won deal, and no guard asks for it."""
    small = Invariant("small_discount", {"any": [{"count": {"set": False}}, {"count": {"le": 20}}]}, stages="won")
    return {"lifecycle": deal(invariants=[small])}


@planted("precondition of win", "stage 'offer'", "; amount is ")
def precondition_that_no_guard_asks_for() -> Planted:
    """The gate before asks for the amount, and this one takes it for granted."""
    stated = Transition("win", "offer", "won", outcome="won", precondition={"amount": {"gt": "0 CNY"}})
    return {"lifecycle": deal(stated)}


@effect("planted.ticket", writes=lambda: ("note",))
def ticket() -> Any:
    """
    Write a number that is another one each time.
    """
    return lambda ctx: [FieldSet("note", uuid4().hex)]


@planted("effects are pure", "the operating system (urandom in ")
def effect_that_makes_up_an_id() -> Planted:
    """What is repeated after a crash would be something else."""
    return _with_effect(ticket)


@effect("planted.double", writes=lambda: ("count",))
def double() -> Any:
    """
    Double a count that need not be there.
    """
    return lambda ctx: [FieldSet("count", ctx.project.fields["count"] * 2)]


@planted("no effect fails", "KeyError")
def effect_that_raises() -> Planted:
    """Without a count it stumbles."""
    return _with_effect(double)


def _with_effect(kind: Any) -> Planted:
    use = EffectUse(kind.name)
    brought = plugin(effects=(kind,))
    return {"lifecycle": deal(Transition("win", "offer", "won", outcome="won", effects=[use]), plugins=(brought,))}


@planted("no deadline fails", "planted.double")
def deadline_that_fails() -> Planted:
    """Nobody notices until the offer is old."""
    late = Stage("offer", deadlines=[Deadline("late", "10d", effects=[EffectUse("planted.double")])])
    stages = tuple(late if stage.id == "offer" else stage for stage in STAGES)
    return {"lifecycle": deal(stages=stages, plugins=(plugin(effects=(double,)),))}


@planted("no deadline fails", "planted.double")
def cadence_that_fails() -> Planted:
    """Nobody notices until a slot is missed."""
    daily = Cadence("daily", "daily 09:00", met_by={"review": "x"}, on_missed=[EffectUse("planted.double")])
    return {"lifecycle": deal(cadences=[daily], plugins=(plugin(effects=(double,)),))}


# --- Plugins that are told ------------------------------------------------------------------------------------------


def _meddle(facts: tuple[Fact, ...], project: Project) -> None:
    if project.stage == "offer":
        object.__setattr__(project, "name", "ours")


@planted("replay is live", "'ours'")
def plugin_that_mutates_the_project() -> Planted:
    """It is told of a move, and changes what was moved."""
    return {"lifecycle": deal(plugins=(plugin(salesflow_committed=_meddle),))}


def _stumble(facts: tuple[Fact, ...], project: Project) -> None:
    if project.stage == "won":
        raise LookupError("no such customer")


@planted("no listener fails", "no such customer")
def plugin_that_stumbles() -> Planted:
    """It fails once a project is won, and the move stands."""
    return {"lifecycle": deal(plugins=(plugin(salesflow_committed=_stumble),))}


# --- Stores ---------------------------------------------------------------------------------------------------------


class Forgetful(MemoryStore):
    """
    Loses the last write of every history it is asked for.
    """

    def load(self, project_id: str, *, after: int = 0, upto: int | None = None) -> Iterator[Fact]:
        facts = list(super().load(project_id, after=after, upto=upto))
        return iter(facts[:-1] if len(facts) > 3 else facts)


@planted("history is what was committed", "facts were committed")
def store_that_loses_the_last_write() -> Planted:
    """It says that it has written."""
    return {"lifecycle": deal(), "store": Forgetful}


class Deaf(MemoryStore):
    """
    Writes again what has a key.
    """

    def commit(self, commit: Commit) -> Committed:
        return super().commit(attrs.evolve(commit, key=None))


@planted("a repeated key changes nothing", "key-1")
def store_that_ignores_keys() -> Planted:
    """A call that is repeated happens twice."""
    return {"lifecycle": deal(), "store": Deaf}


class Trusting(MemoryStore):
    """
    Says yes to a commit on an outdated version, and throws it away.
    """

    def commit(self, commit: Commit) -> Committed:
        for append in commit.appends:
            head = self.head(append.fact.project_id)
            if head is not None and head.version != append.expected:
                return Committed(append.fact)
        return super().commit(commit)


@planted("a lost race is noticed", "outdated")
def store_that_trusts_everybody() -> Planted:
    """Two who write at once are both told that it went well."""
    return {"lifecycle": deal(), "store": Trusting}


class Stale(MemoryStore):
    """
    Finds projects where they were opened.
    """

    def find(self, *, stage: str | None = None, **more: Any) -> list[Project]:
        return super().find(stage=None if stage == "lead" else stage, **more) if stage != "won" else []


@planted("a project is found in its stage", "'won'")
def store_that_does_not_find() -> Planted:
    """Lists of the won stay empty."""
    return {"lifecycle": deal(), "store": Stale}


_KEPT: dict[Path, list[Commit]] = {}


class Amnesic(MemoryStore):
    """
    Outlives its closing, but for the last commit.
    """

    def __init__(self, place: Path) -> None:
        super().__init__()
        self._place = place
        _KEPT[place] = _KEPT.get(place, [])[:-1]
        for commit in _KEPT[place]:
            super().commit(attrs.evolve(commit, done=()))

    def commit(self, commit: Commit) -> Committed:
        done = super().commit(commit)
        if not done.replayed:
            _KEPT[self._place].append(commit)
        return done


@planted("history is what was committed", "facts were committed")
def store_that_loses_a_crash() -> Planted:
    """What was written last is gone when it is opened again."""
    return {"lifecycle": deal(), "store": Amnesic}


# --- People ---------------------------------------------------------------------------------------------------------


def approved_by_another(project: Project) -> bool:
    approvals = [each.by for each in project.all(Approval) if each.name == "deal" and each.granted]
    return project.stage != "won" or any(by != project.opened_by for by in approvals)


@planted("approved_by_another", "stage 'won'")
def approval_of_ones_own() -> Planted:
    """The gate does not say that it takes somebody else."""
    win = Transition("win", "offer", "won", outcome="won", guards=[guards.approval("deal")])
    return {"lifecycle": deal(win), "invariants": [approved_by_another]}


@planted("approved_by_another", "stage 'won'")
def approval_of_ones_own_among_known_people() -> Planted:
    """Who opens the projects is only one of two directors, and the gate takes either."""
    win = Transition(
        "win", "offer", "won", outcome="won", guards=[guards.approval("deal", roles=("director", "board"))]
    )
    actors = (Actor("ann", roles={"director"}), Actor("bob", roles={"director"}))
    return {"lifecycle": deal(win), "actors": actors, "invariants": [approved_by_another]}


def approved_by_the_board(project: Project) -> bool:
    last = [each.roles for each in project.all(Approval) if each.name == "deal" and each.granted]
    return project.stage != "won" or any("intern" not in roles or "director" in roles for roles in last)


@planted("approved_by_the_board", "stage 'won'")
def approval_by_a_role_too_low() -> Planted:
    """The last of the roles that are enough should not be."""
    use = guards.approval("deal", roles=("director", "board", "intern"), distinct_from="owner")
    win = Transition("win", "offer", "won", outcome="won", guards=[use])
    return {"lifecycle": deal(win), "fields": {"owner": "zoe"}, "invariants": [approved_by_the_board]}


@guard("planted.another", codes=CODES)
def another() -> Any:
    """
    Ask for an approval by somebody else than the owner, whoever the move says that is.
    """

    def check(ctx: Any) -> Any:
        given = [each for each in ctx.project.all(Approval) if each.name == "deal" and each.granted]
        if any(each.by != ctx.project.owner for each in given):
            return passed()
        return failed("planted.no", Remedy("approval", "deal", {"not_by": ctx.project.owner}), why="it is their own")

    return check


@planted("no owner approves by naming another", "planted.another")
def approval_that_believes_the_proposed_owner() -> Planted:
    """Who hands in another owner with the move approves alone."""
    return _with_guard(another)


def open_ones_are_undecided(project: Project) -> None:
    assert project.stage not in ("lead", "offer") or project.outcome == "undecided", project.outcome


@planted("open_ones_are_undecided", "lost")
def reopening_that_keeps_the_outcome() -> Planted:
    """A project goes on as lost."""
    return {
        "lifecycle": deal(Transition("reopen", "lost", "lead", kind="reopen")),
        "invariants": [open_ones_are_undecided],
    }


# --- What examples do not happen to do ------------------------------------------------------------------------------


def approved(project: Project) -> bool:
    return project.stage != "won" or any(each.granted for each in project.all(Approval))


@planted("approved", "stage 'won'")
def override_that_voids_an_invariant() -> Planted:
    """A director may override the very approval without which nothing is to be won."""
    use = guards.approval("deal").but(override={"roles": ["director"], "not_by": ["requester"]})
    return {"lifecycle": deal(Transition("win", "offer", "won", outcome="won", guards=[use])), "invariants": [approved]}


def won_has_amount(project: Project) -> bool:
    return project.stage != "won" or "amount" in project.fields


@planted("won_has_amount", "stage 'won'")
def override_of_what_was_met_before() -> Planted:
    """The amount is there by the first gate, and may be gone by the second, on the word of one of two people."""
    win = Transition("win", "offer", "won", outcome="won", guards=[AMOUNT.but(override={"not_by": ["requester"]})])
    return {"lifecycle": deal(win), "actors": (Actor("ann"), Actor("bob")), "invariants": [won_has_amount]}


def approved_lately(project: Project) -> bool:
    held = [each for name, each in project.held("approval").items() if each.entry.granted]
    return project.stage != "won" or any(project.updated_at - each.at < timedelta(days=200) for each in held)


@planted("approved_lately", "stage 'won'")
def approval_that_grows_old() -> Planted:
    """Nothing says how long an approval holds, and nobody waits between it and the move."""
    win = Transition("win", "offer", "won", outcome="won", guards=[guards.approval("deal", distinct_from="requester")])
    return {"lifecycle": deal(win), "invariants": [approved_lately]}


@guard("planted.fresh", codes=CODES, reads=lambda days: ("note",))
def fresh(days: int) -> Any:
    """
    Ask that the stay is younger than so many days, and trip over those that are older.
    """

    def check(ctx: Any) -> Any:
        age = (ctx.at - ctx.project.visit.entered_at).days
        return passed() if age < days else failed("planted.no", why={30: "a month"}[age])

    return check


@planted("no rule fails itself", "planted.fresh", "KeyError")
def guard_that_fails_when_its_time_has_run_out() -> Planted:
    """It is asked on the way, when the offer is new."""
    win = Transition("win", "offer", "won", outcome="won", guards=[GuardUse("planted.fresh", {"days": 1200})])
    return {"lifecycle": deal(win, plugins=(plugin(guards=(fresh,)),))}


def _long(*more: Transition) -> Lifecycle:
    names = [f"step_{number}" for number in range(1, 9)]
    stages = (Stage("lead", "open"), *map(Stage, names), Stage("won", "won"))
    gate = guards.fields_present("amount", "owner", "note")
    ways = pairwise(["lead", *names, "won"])
    edges = {f"to_{target}": Transition(f"to_{target}", source, target, guards=[gate]) for source, target in ways}
    edges |= {one.id: one for one in more}
    return build_lifecycle(Definition("long", fields=FIELDS, stages=stages, transitions=tuple(edges.values())))


@planted("'revise' at most 3 time(s)")
def loop_with_one_round_too_many() -> Planted:
    """It may be taken four times, far down a long lifecycle."""
    budget = guards.loop_budget("revise", 4)
    revise = Transition("revise", "step_8", "step_7", kind="loop", guards=[guards.approval("again"), budget])
    return {"lifecycle": _long(revise), "rules": [at_most(3, "revise")]}


@planted("every project can end", "any_of")
def loops_that_use_each_other_up() -> Planted:
    """Each may be taken four times, and who has taken both as often can do nothing more."""
    budgets = [guards.loop_budget(name, 4) for name in ("revise", "reprice")]
    loops = [
        Transition(budget.params["transition"], "step_8", "step_7", kind="loop", guards=[guards.approval("so"), budget])
        for budget in budgets
    ]
    win = Transition("to_won", "step_8", "won", guards=[guards.any_of(*budgets)])
    return {"lifecycle": _long(*loops, win)}


def favour(pipeline: Any, project: Project, at: datetime) -> None:
    pipeline.update(project.id, {"note": "VIP"}, actor=Actor("cat"), at=at)


@planted("won_has_amount", "stage 'won'")
def program_that_goes_round_a_gate() -> Planted:
    """The definition does not say what the host writes into the note, by which the gate does not apply."""
    win = Transition("win", "offer", "won", outcome="won", guards=[AMOUNT.but(when={"note": {"ne": "VIP"}})])
    offer = Transition("make_offer", "lead", "offer", guards=[guards.fields_present("note")])
    return {"lifecycle": deal(offer, win), "steps": [favour], "invariants": [won_has_amount]}


# --- Answers that are the same only here ----------------------------------------------------------------------------


@attrs.frozen
class Bringing:
    """
    A plugin that brings a guard of this file; it can be sent to another process.
    """

    called: str
    name: ClassVar[str] = "planted"

    @hookimpl
    def salesflow_guards(self) -> Any:
        return (globals()[self.called],)


def _with_sent(called: str) -> Planted:
    use = GuardUse(f"planted.{called}")
    win = Transition("win", "offer", "won", outcome="won", guards=[use])
    return {"lifecycle": deal(win, plugins=(Bringing(called),))}


@guard("planted.sampled", codes=CODES, reads=lambda: ("owner",))
def sampled() -> Any:
    """
    Ask for a second look at some projects, chosen by the hash of a text.
    """
    return lambda ctx: passed("planted.no", why=hash(str(ctx.project.fields.get("owner"))) % 1000)


@planted("a decision is the same everywhere", "'win'")
def guard_that_hashes_a_text() -> Planted:
    """Each process has other hashes."""
    return _with_sent("sampled")


@guard("planted.listed", codes=CODES, reads=lambda: ("amount", "owner", "note", "count"))
def listed() -> Any:
    """
    Ask for four fields, in the order of a set.
    """

    def check(ctx: Any) -> Any:
        missing = {"amount", "owner", "note", "count"} - set(ctx.project.fields)
        cures = [Remedy("field", name) for name in missing]
        return failed("planted.no", *cures, why=", ".join(missing)) if missing else passed()

    return check


@planted("a decision is the same everywhere", "'win'")
def guard_that_lists_a_set() -> Planted:
    """Each process has another order."""
    return _with_sent("listed")


@guard("planted.daylight", codes=CODES)
def daylight() -> Any:
    """
    Ask for a time of day, where the machine stands.
    """
    return lambda ctx: passed("planted.no", why=ctx.at.astimezone().hour)


@planted("a decision is the same everywhere", "'win'")
def guard_that_reads_the_zone_of_the_machine() -> Planted:
    """Each office has another hour."""
    return _with_sent("daylight")


_LARGEST = [0]


@guard("planted.record", codes=CODES, reads=lambda: ("count",))
def record() -> Any:
    """
    Tell the largest count of all projects that this process has seen.
    """

    def check(ctx: Any) -> Any:
        _LARGEST[0] = max(_LARGEST[0], ctx.project.fields.get("count") or 0)
        return passed("planted.no", why=_LARGEST[0])

    return check


@planted("a decision has no memory", "'win'")
def guard_that_remembers_other_projects() -> Planted:
    """What it says depends on who was asked about before."""
    _LARGEST[0] = 0
    return _with_sent("record")


@guard("planted.largest", codes=CODES, reads=lambda: ("count",))
def largest() -> Any:
    """
    Tell the largest count that this very guard has seen.
    """
    seen = [0]

    def check(ctx: Any) -> Any:
        seen[0] = max(seen[0], ctx.project.fields.get("count") or 0)
        return passed("planted.no", why=seen[0])

    return check


@planted("a decision has no memory", "'win'")
def guard_that_remembers_until_it_is_built_again() -> Planted:
    """It is asked in another order then."""
    return _with_sent("largest")
