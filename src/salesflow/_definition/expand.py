"""
Expands a definition: each rule to its guards, ``*`` to the stages that it means, mandatory tasks to a guard.

A lifecycle decides with the expanded definition, and also keeps the definition as the user wrote it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from .._model.definition import ANY, RULES, SAME, Definition, GuardUse, Stage, Transition, walk_uses
from .._model.predicate import Junction, Predicate


GuardLists: TypeAlias = Mapping[str, tuple[GuardUse, ...]]

TASKS: Final = "tasks_done"

MOST: Final = 100_000
"""How many guards and sources a definition may have when it is written out."""


def expanded(definition: Definition) -> Definition:
    """
    Return a definition in which every rule is its guards, and every ``*`` the stages that it means.

    A forward transition out of stages with mandatory tasks has the guard ``tasks_done`` for them. A transition keeps
    its id: it is one, whatever number of stages it starts from. A guard of a rule is called ``rule.guard``, by the ids
    of both. What cannot be written out is a fault, and stays as it is.
    """
    transitions = with_tasks(definition)
    if not definition.rules and all(ANY not in one.source for one in transitions):
        return (
            definition if transitions is definition.transitions else attrs.evolve(definition, transitions=transitions)
        )
    if size_of(definition) > MOST:
        return definition
    lists: dict[str, tuple[GuardUse, ...]] = {}
    for name in rule_order(definition.rules)[0]:
        guards = _spliced(definition.rules[name], lists)
        lists[name] = tuple(use.but(id=use_id) for use_id, use in zip(use_ids(guards), guards, strict=True))
    return attrs.evolve(
        definition,
        rules={},
        transitions=[
            attrs.evolve(
                one,
                source=sources_of(one, definition.stages),
                except_=() if ANY in one.source else one.except_,
                guards=_spliced(one.guards, lists),
            )
            for one in transitions
        ],
    )


def with_tasks(definition: Definition) -> tuple[Transition, ...]:
    """
    Return the transitions; those forward out of a stage with mandatory tasks ask for these, unless they do already.
    """
    tasks = {
        stage.id: names for stage in definition.stages if (names := [one.id for one in stage.tasks if one.mandatory])
    }
    if not tasks:
        return definition.transitions
    asking: set[str] = set()
    for name in rule_order(definition.rules)[0]:
        if _asks(definition.rules[name], asking):
            asking.add(name)
    found: list[Transition] = []
    for one in definition.transitions:
        sources = sources_of(one, definition.stages) if one.kind == "forward" and one.target != SAME else ()
        left = {name: tasks[name] for name in sources if name in tasks and name != one.target}
        if left and not _asks(one.guards, asking):
            one = attrs.evolve(one, guards=(*one.guards, GuardUse(TASKS, {"stages": left})))  # noqa: PLW2901 -- the same
        found.append(one)
    return tuple(found)


def _asks(uses: Iterable[GuardUse], rules: Container[str]) -> bool:
    return any(use.use == TASKS or (rule_of(use) or "") in rules for use in walk_uses(uses))


def sources_of(transition: Transition, stages: Iterable[Stage]) -> tuple[str, ...]:
    """
    Return the stages that a transition starts from; ``*`` is each that is neither final nor on hold.
    """
    if ANY not in transition.source:
        return transition.source
    left_out = frozenset(transition.except_)
    return tuple(stage.id for stage in stages if not stage.final and stage.kind != "hold" and stage.id not in left_out)


def rule_of(use: GuardUse) -> str | None:
    """
    Return the name of the rule that a use names, if it names a rule.
    """
    return str(use.params.get("name", "")) if use.use == RULES else None


def use_ids(uses: Sequence[GuardUse]) -> Iterator[str]:
    """
    Yield the id of each use: as written, or the name of its guard or rule, with a number if it is used again.
    """
    numbered: Counter[str] = Counter()
    for use in uses:
        name = rule_of(use) or use.use
        numbered[name] += 1
        yield use.id or (name if numbered[name] == 1 else f"{name}_{numbered[name]}")


def guard_lists(definition: Definition) -> Iterator[tuple[str, tuple[GuardUse, ...]]]:
    """
    Yield every list of guards with its path, as written: those of rules, and those of transitions.
    """
    yield from ((f"rules.{name}.guards", uses) for name, uses in definition.rules.items())
    yield from ((f"transitions[{index}].guards", one.guards) for index, one in enumerate(definition.transitions))


def rule_order(rules: GuardLists) -> tuple[list[str], list[tuple[str, ...]]]:
    """
    Return the rules, each behind those that it names, and the circles of those that have no such order.
    """
    named = {name: [inner for inner in _rules_in(uses) if inner in rules] for name, uses in rules.items()}
    naming: dict[str, list[str]] = {name: [] for name in rules}
    for name, inside in named.items():
        for inner in inside:
            naming[inner].append(name)
    open_ends = {name: len(inside) for name, inside in named.items()}
    ready = deque(name for name, count in open_ends.items() if not count)
    ordered: list[str] = []
    while ready:
        ordered.append(name := ready.popleft())
        for outer in naming[name]:
            open_ends[outer] -= 1
            if not open_ends[outer]:
                ready.append(outer)
    # Each of the others names another of them, so that following the names ends in a circle.
    following = {
        name: next(inner for inner in named[name] if open_ends[inner]) for name, count in open_ends.items() if count
    }
    return ordered, list(_circles(following))


def _circles(following: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    unseen = dict.fromkeys(following)
    while unseen:
        name, path = next(iter(unseen)), dict[str, None]()
        while name in unseen:
            del unseen[name]
            path[name] = None
            name = following[name]
        if name in path:
            walked = tuple(path)
            yield walked[walked.index(name) :]


def _rules_in(uses: Iterable[GuardUse]) -> dict[str, None]:
    return dict.fromkeys(name for use in walk_uses(uses) if (name := rule_of(use)) is not None)


def size_of(definition: Definition) -> int:
    """
    Return how many guards and sources a definition has when it is written out, without doing that.
    """
    sizes: dict[str, int] = {}

    def size(uses: Iterable[GuardUse]) -> int:
        return sum(1 + sizes.get(rule_of(use) or "", 0) for use in walk_uses(uses))

    for name in rule_order(definition.rules)[0]:
        sizes[name] = size(definition.rules[name])
    anywhere = sum(ANY in one.source for one in definition.transitions) * len(definition.stages)
    return anywhere + sum(sizes.values()) + sum(size(one.guards) for one in definition.transitions)


def _spliced(uses: tuple[GuardUse, ...], lists: GuardLists) -> tuple[GuardUse, ...]:
    """
    Return guards with each rule replaced by its own, which keep severity and override.
    """
    if not _rules_in(uses):
        return uses
    found: list[GuardUse] = []
    for use_id, use in zip(use_ids(uses), uses, strict=True):
        guards = lists.get(rule_of(use) or "")
        if guards is not None:
            found += [each.but(id=f"{use_id}.{each.id}", when=_both(use.when, each.when)) for each in guards]
        else:
            found.append(attrs.evolve(use, id=use_id, guards=_joined(use.guards, lists)))
    return tuple(found)


def _joined(uses: tuple[GuardUse, ...], lists: GuardLists) -> tuple[GuardUse, ...]:
    """
    Return what a combinator joins; a rule there is met if all of its guards are.
    """
    return tuple(
        GuardUse("all_of", guards=lists[rule], id=use.id or rule, when=use.when)
        if (rule := rule_of(use) or "") in lists
        else attrs.evolve(use, guards=_joined(use.guards, lists))
        for use in uses
    )


def _both(outer: Predicate | None, inner: Predicate | None) -> Predicate | None:
    return inner if outer is None else outer if inner is None else Junction("all", (outer, inner))
