"""
The rules over the whole life of a project: proved on the graph, checked on a history, watched live.

The patterns are those of M. Dwyer, G. Avrunin and J. Corbett, "Patterns in Property Specifications
for Finite-State Verification" (ICSE 1999). Absence, bounded existence, precedence and response in
their scopes (global, after, until, after-until) are all one statement: while a scope is open, some
event happens at most so often.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Protocol

import attrs

from ... import Fact, Lifecycle, Project
from ..._definition.edges import Edge
from ..._definition.graph import Graph, Path, Place, Step, search, steps_of
from ..._model.argument_types import explain_types, items_of
from ..._model.fold import evolve
from ..._model.frozen import noun
from ..._model.visit_time import time_in_stage
from ...typing import Store, Visit
from .events import Event, Named, budget_of, check_names, check_provable, events_along, events_of, opening


@noun
class Violation:
    """
    Where a recorded history breaks a rule.

    Attributes:
        rule: the sentence of the rule.
        fact: the fact that broke it.
        text: what happened there.
    """

    rule: str
    fact: Fact
    text: str

    def __str__(self) -> str:
        fact = self.fact
        where = f"{fact.project_id} version {fact.version} ({fact.at:%Y-%m-%d %H:%M} by {fact.actor.name})"
        return f"{where} {self.text}, against the rule: {self.rule}"


@noun
class Counterexample:
    """
    A path through a lifecycle that breaks a rule.

    Attributes:
        rule: the sentence of the rule.
        path: a shortest path that breaks it, by its last step.
        text: what is wrong there.
    """

    rule: str
    path: Path
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}\n  {self.path}"


class Rule(Protocol):
    """
    A statement that can be proved of a lifecycle, checked over facts and watched live.
    """

    def prove(self, lifecycle: Lifecycle) -> Counterexample | None:
        """
        Return a path that breaks the rule, guards aside, or ``None`` if no path does.

        If no path does, no history of this lifecycle breaks the rule, whatever its guards answer.
        """
        ...

    def check(self, facts: Iterable[Fact]) -> tuple[Violation, ...]:
        """
        Return every place at which the rule is broken by the facts of one project or of several.
        """
        ...

    def begin(self) -> Any:
        """
        Return what is known of a project before its first fact.
        """
        ...

    def follow(self, known: Any, fact: Fact) -> tuple[Any, tuple[Violation, ...]]:
        """
        Return what is known after one more fact of a project, and how that fact breaks the rule.
        """
        ...


@explain_types
def check_facts(rule: Rule, facts: Iterable[Fact]) -> tuple[Violation, ...]:
    """
    Return every violation of a rule; the facts of each project are in order, and projects may be mixed as in a feed.
    """
    known: dict[str, Any] = {}
    broken: list[Violation] = []
    for fact in items_of("facts", facts, Fact):
        before = known[fact.project_id] if fact.project_id in known else rule.begin()
        known[fact.project_id], found = rule.follow(before, fact)
        broken += found
    return tuple(broken)


@noun
class Scoped:
    """
    The rule that something happens at most *most* times while a scope is open.

    Made by :mod:`salesflow.testing.rules`.

    Attributes:
        most: 0 for what may never happen.
        opens: the events that open the scope, and start the count again.
        closes: the events that close it.
        always: whether it is open from the start.
        visits: whether resuming an interrupted visit does not count.
    """

    sentence: str
    subject: tuple[Named, ...]
    most: int = 0
    opens: tuple[Named, ...] = ()
    closes: tuple[Named, ...] = ()
    always: bool = True
    visits: bool = False

    check = check_facts

    def __str__(self) -> str:
        return self.sentence

    def begin(self) -> tuple[bool, int]:
        """
        Return whether the scope is open, and the count in it.
        """
        return self.always, 0

    @explain_types
    def after(self, known: tuple[bool, int], event: Event) -> tuple[tuple[bool, int], bool]:
        """
        Return what is known after an event, and whether the event breaks the rule.
        """
        is_open, count = known
        meets = any(named.meets(event) for named in self.subject) and not (self.visits and event.resumed)
        broken = is_open and meets and count >= self.most
        if is_open and meets:
            count = min(count + 1, self.most)  # so that every further event is reported
        if any(named.meets(event) for named in self.closes):
            is_open, count = False, 0
        if any(named.meets(event) for named in self.opens):
            is_open, count = True, 0
        return (is_open, count), broken

    @explain_types
    def follow(self, known: tuple[bool, int], fact: Fact) -> tuple[tuple[bool, int], tuple[Violation, ...]]:
        """
        Return what is known after one more fact, and how that fact breaks the rule.
        """
        found: list[Violation] = []
        for event in events_of(fact):
            known, broken = self.after(known, event)
            if broken:
                found.append(Violation(self.sentence, fact, event.describe(past=True)))
        return known, tuple(found)

    @explain_types
    def prove(self, lifecycle: Lifecycle) -> Counterexample | None:
        """
        Search the graph for a shortest path that breaks the rule.

        Raises:
            InputError: for a name that is unknown or ambiguous in the lifecycle, and for an entry of which the rule
                says when it may be recorded.
        """
        check_names((*self.subject, *self.opens, *self.closes), lifecycle)
        check_provable((*self.subject, *self.opens), self.sentence)
        graph = Graph.of(lifecycle.definition)
        known, culprit = self._along(self.begin(), opening(graph.start.stage))
        if culprit is not None:
            return Counterexample(self.sentence, Path(graph.start), f"opening a project {culprit}")

        def following(node: _Node) -> Iterable[tuple[Step, _Node]]:
            for edge, there in graph.following(node[0]) if node[2] is None else ():
                if not self._exhausted(edge, node[1]):
                    yield Step(edge.transition.id, there), (there, *self._along(node[1], events_along(edge)))

        start: _Node = (graph.start, known, None)
        for (_, _, culprit), trail in search(start, following):
            if culprit is not None:
                return Counterexample(self.sentence, Path(graph.start, steps_of(trail)), f"the last step {culprit}")
        return None

    def _along(self, known: tuple[bool, int], events: Iterable[Event]) -> tuple[tuple[bool, int], str | None]:
        for event in events:
            known, broken = self.after(known, event)
            if broken:
                return known, event.describe(past=False)
        return known, None

    def _exhausted(self, edge: Edge, known: tuple[bool, int]) -> bool:
        """
        Return whether the guard ``loop_budget`` stops an edge; it counts what this rule counts.
        """
        only = edge.transition.id
        if self.opens or self.closes or [named.name for named in self.subject] != [only]:
            return False
        budget = budget_of(edge.transition)
        return budget is not None and known[1] >= budget


_Node = tuple[Place, tuple[bool, int], str | None]


@noun
class Leaving:
    """
    The rule that a stage can be left from wherever it is entered, and in a history is left in time.

    Attributes:
        within: how long a visit may last, without holds; ``None`` for any time.
    """

    sentence: str
    stage: Named
    within: timedelta | None = None

    check = check_facts  # one violation a visit; without *within* there is none

    def __str__(self) -> str:
        return self.sentence

    def begin(self) -> tuple[Project | None, int]:
        """
        Return the project so far, and the number of the last visit that was reported.
        """
        return None, 0

    @explain_types
    def follow(
        self, known: tuple[Project | None, int], fact: Fact
    ) -> tuple[tuple[Project | None, int], tuple[Violation, ...]]:
        """
        Return the project after one more fact, and whether a visit had lasted too long by then.

        Raises:
            SalesflowError: if the facts of a project are not in order from its opening.
        """
        before, reported = known
        project = evolve(before, fact)
        visit = None if before is None or self.within is None else _visit(before, self.stage.name)
        if before is None or visit is None or visit.number <= reported:
            return (project, reported), ()
        lasted = _lasted(before, visit, fact.at)
        if lasted <= (self.within or timedelta()):
            return (project, reported), ()
        text = f"had been in stage {self.stage.name!r} for {lasted}"
        return (project, visit.number), (Violation(self.sentence, fact, text),)

    @explain_types
    def prove(self, lifecycle: Lifecycle) -> Counterexample | None:
        """
        Search for a path into the stage from which the visit cannot end.

        Raises:
            InputError: if the lifecycle has no such stage.
        """
        check_names((self.stage,), lifecycle)
        graph, stage = Graph.of(lifecycle.definition), self.stage.name
        for place, path in graph.places().items():
            inside = stage in (place.stage, place.suspended)
            if inside and all(stage in (there.stage, there.suspended) for there, _ in search(place, graph.steps)):
                return Counterexample(self.sentence, path, "from here nothing leads out of it")
        return None


@noun
class Between:
    """
    The rule on the time from the last *first* to a *then*.

    Attributes:
        least, most: ``None`` for any time.
    """

    sentence: str
    first: tuple[Named, ...]
    then: tuple[Named, ...]
    least: timedelta | None = None
    most: timedelta | None = None

    check = check_facts

    def __str__(self) -> str:
        return self.sentence

    def begin(self) -> datetime | None:
        """
        Return when *first* happened last.
        """
        return None

    @explain_types
    def follow(self, known: datetime | None, fact: Fact) -> tuple[datetime | None, tuple[Violation, ...]]:
        """
        Return when *first* happened last after one more fact, and how that fact breaks the rule.
        """
        found: list[Violation] = []
        for event in events_of(fact):
            if known is not None and any(named.meets(event) for named in self.then):
                lasted = fact.at - known
                if (self.least is not None and lasted < self.least) or (self.most is not None and lasted > self.most):
                    found.append(Violation(self.sentence, fact, f"{event.describe(past=True)} after {lasted}"))
            if any(named.meets(event) for named in self.first):
                known = fact.at
        return known, tuple(found)

    @explain_types
    def prove(self, lifecycle: Lifecycle) -> Counterexample | None:
        """
        Return a path on which *then* follows *first*: the graph does not say how long that takes.

        Raises:
            InputError: for a name that is unknown or ambiguous in the lifecycle, and for an entry.
        """
        return Scoped(self.sentence, self.then, 0, self.first, always=False).prove(lifecycle)


def _visit(project: Project, stage: str) -> Visit | None:
    visits = (project.visit, project.suspended)
    return next((visit for visit in visits if visit is not None and visit.stage == stage), None)


def _lasted(project: Project, visit: Visit, at: datetime) -> timedelta:
    # For a visit that is on hold, the time until the hold began counts.
    until = at if visit == project.visit else project.visit.entered_at
    return time_in_stage(visit, until)


@attrs.define
class _FollowedProject:
    """
    The state of one project.

    Attributes:
        known: what each rule knows of it.
        version: up to which version its facts were followed.
        early: later facts that arrived before their turn, by version.
    """

    known: list[Any]
    version: int = 0
    early: dict[int, Fact] = attrs.Factory(dict[int, Fact])


class Watcher:
    """
    A listener that checks rules after every commit. Made by :func:`watch`; may be shared by threads.

    Attributes:
        violations: every violation, in the order in which they were found.
    """

    def __init__(self, rules: Sequence[Rule], store: Store | None) -> None:
        self.violations: tuple[Violation, ...] = ()
        self._rules = tuple(rules)
        self._store = store
        self._projects: dict[str, _FollowedProject] = {}
        self._lock = Lock()

    def __call__(self, facts: tuple[Fact, ...], project: Project) -> None:
        """
        Follow the new facts of a project.

        Raises:
            AssertionError: with every violation in these facts; a pipeline returns it as a listener's failure.
        """
        with self._lock:
            found = self._follow(facts, project)
            self.violations += found
        if found:
            raise AssertionError("\n".join(map(str, found)))

    def _follow(self, facts: tuple[Fact, ...], project: Project) -> tuple[Violation, ...]:
        followed = self._projects.get(project.id)
        if followed is None:
            followed = self._projects[project.id] = _FollowedProject([rule.begin() for rule in self._rules])
        # Threads may report their commits out of order; facts wait until all earlier facts have arrived.
        followed.early |= {fact.version: fact for fact in facts if fact.version > followed.version}
        if self._store is not None and followed.version + 1 not in followed.early:
            missed = self._store.load(project.id, after=followed.version, upto=project.version)
            followed.early |= {fact.version: fact for fact in missed}
        found: list[Violation] = []
        while followed.version + 1 in followed.early:
            followed.version += 1
            fact = followed.early.pop(followed.version)
            for index, rule in enumerate(self._rules):
                followed.known[index], broken = rule.follow(followed.known[index], fact)
                found += broken
        return tuple(found)


def watch(*rules: Rule, store: Store | None = None) -> Watcher:
    """
    Return a listener that checks rules as facts are committed: ``Pipeline(lifecycle, listeners=[watch(rule)])``.

    Args:
        store: where the earlier facts are read of projects that were opened before; without it those
            projects are not checked.
    """
    return Watcher(rules, store)
