"""
The edits of a definition: of its guards, effects and their parameters, of stages, transitions, and the whole.

An edit is one change of one item, and becomes a change of what contains the item.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any, Final, Generic, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

import attrs

from ..._definition.expand import sources_of, use_ids
from ..._definition.shape import AT_LEAST, COMBINATORS
from ..._lifecycle.bind_cadences import whole_cadence
from ..._model.cadence import Cadence
from ..._model.definition import ANY, RULES, SAME, Deadline, Definition, GuardUse, Stage, Transition
from ..._model.frozen import EMPTY, noun
from ..._model.predicate import Junction, Predicate, to_data
from ..._model.uses import EffectUse
from ..._model.values import Duration, Money
from ...effects import EffectKind
from ...errors import InputError
from ...guards import Guard
from ._words import Kind


T = TypeVar("T")
U = TypeVar("U")


@noun
class Edit(Generic[T]):
    """
    An item of a definition with one thing changed.

    Attributes:
        path: of what is changed, relative to the item: ``.guards[0].max``.
        key: distinguishes it from the other edits at the same path.
        made: the changed item.
        words: values for the placeholders of the texts about it.
    """

    kind: Kind
    path: str
    key: str
    made: T
    words: Mapping[str, str] = EMPTY

    def inside(self, path: str, put: Callable[[T], U], **words: str) -> Edit[U]:
        """
        Return this edit as an edit of what contains the item; *put* puts the item back into it.
        """
        return Edit(self.kind, path + self.path, self.key, put(self.made), {**words, **self.words})


def replaced(items: Sequence[T], index: int, *by: T) -> tuple[T, ...]:
    """
    Return the items with the item at *index* replaced by others, or left out.
    """
    return (*items[:index], *by, *items[index + 1 :])


def put_at(owner: T, name: str, index: int) -> Callable[..., T]:
    """
    Return a function that gives *owner* with one item of its attribute *name* replaced by others, or left out.
    """
    return lambda *by: but(owner, name, replaced(getattr(owner, name), index, *by))


def but(owner: T, name: str, value: Any) -> T:
    """
    Return *owner* with another value of an attribute.
    """
    evolve: Any = attrs.evolve  # its type does not know attributes by name
    made: T = evolve(owner, **{name: value})
    return made


def put_key(table: Mapping[str, Any], key: str) -> Callable[[Any], dict[str, Any]]:
    """
    Return a function that gives a table with another value of one key.
    """
    return lambda value: {**table, key: value}


def shown(value: Any) -> str:
    """
    Return a value of a definition as a short text, for a sentence.
    """
    if isinstance(value, (bool, tuple, Mapping)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


_NEIGHBOURS: Final[Mapping[str, str]] = {
    "lt": "le",
    "le": "lt",
    "gt": "ge",
    "ge": "gt",
    "eq": "ne",
    "ne": "eq",
    "in": "not_in",
    "not_in": "in",
}
_FEW: Final = 4
_NONE: Final = inspect.Parameter.empty
_TENTH: Final = Decimal("0.1")


Use = TypeVar("Use", EffectUse, GuardUse)


def param_edits(use: Use, factory: Callable[..., Any], roles: tuple[str, ...]) -> Iterator[Edit[Use]]:
    """
    Yield the edits of the parameters that a guard use or an effect use sets.

    Args:
        factory: the guard's or effect's, whose signature says what may be left out and which words are allowed.
        roles: every role that the definition names; a guard that asks for some roles gets the others too.
    """
    signature = inspect.signature(factory).parameters
    hints = get_type_hints(factory)
    for name, value in use.params.items():
        default = signature[name].default if name in signature else _NONE
        for edit in _value_edits(name, value, hints.get(name), default, roles):
            yield edit.inside("", put_key(use.params, name)).inside(f".{name}", partial(but, use, "params"))
        if default not in (_NONE, value) and _is_left_out(value):
            left = {key: kept for key, kept in use.params.items() if key != name}
            words = {"name": name, "before": shown(value)}
            yield Edit("parameter_dropped", f".{name}", "absent", attrs.evolve(use, params=left), words)


def _is_left_out(value: Any) -> bool:
    """
    Return whether leaving a parameter out is an edit of its own: a number or an operator changes its value instead.
    """
    return isinstance(value, (str, tuple)) and value not in _NEIGHBOURS and not near_values(value)


def _value_edits(name: str, value: Any, hint: Any, default: Any, roles: tuple[str, ...]) -> Iterator[Edit[Any]]:
    if get_origin(hint) is Literal:
        others = _other_words(value, get_args(hint))
        yield from (_changed(name, "", value, word) for word in others if word != default)
    elif isinstance(value, tuple):
        items = cast("tuple[object, ...]", value)
        for index, item in enumerate(items) if len(items) > 1 else ():
            words = {"name": name, "item": shown(item)}
            yield Edit("item_dropped", "", f"-{shown(item)}", replaced(items, index), words)
        more = tuple(role for role in roles if role not in items) if name == "roles" else ()
        if more:
            yield Edit("roles_widened", "", "wider", items + more, {"more": ", ".join(more)})
    elif isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        for key, item in table.items():
            for near in near_values(item):
                edit = _changed(f"{name}.{key}", f".{key}", item, near)
                yield edit.inside("", put_key(table, key))
    else:
        yield from (_changed(name, "", value, near) for near in near_values(value))


def _changed(name: str, path: str, before: Any, value: Any) -> Edit[Any]:
    words = {"name": name, "before": shown(before), "value": shown(value)}
    return Edit("parameter_changed", path, shown(value), value, words)


def _other_words(word: Any, words: tuple[Any, ...]) -> tuple[Any, ...]:
    if word in _NEIGHBOURS:
        return (_NEIGHBOURS[word],)
    return tuple(other for other in words if other != word) if len(words) <= _FEW else ()


def near_values(value: Any) -> tuple[Any, ...]:
    """
    Return the nearest values on both sides of a value.

    A count or a duration becomes one less and one more, a date the day before and after; a measure becomes a tenth
    less and more; true becomes false. A text has no neighbours, unless it is money or a duration.
    """
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return value - 1, value + 1
    if isinstance(value, float):
        return tuple(map(float, _tenth(Decimal(str(value)))))
    if isinstance(value, Decimal):
        return _tenth(value)
    if isinstance(value, date):
        return value - timedelta(days=1), value + timedelta(days=1)
    money = _read(Money, value)
    if money is not None:
        return tuple(f"{amount.normalize():f} {money.currency}" for amount in _tenth(money.amount))
    span = _read(Duration, value)
    return () if span is None else tuple(f"{max(span.amount + step, 0)}{span.unit}" for step in (-1, 1))


def _tenth(number: Decimal) -> tuple[Decimal, Decimal]:
    step = abs(number) * _TENTH or _TENTH
    return number - step, number + step


Measure = TypeVar("Measure", Duration, Money)


def _read(kind: type[Measure], value: Any) -> Measure | None:
    """
    Return a value of a kind, or what a text says of it; ``None`` for anything else.
    """
    if isinstance(value, kind):
        return value
    try:
        return kind.parse(value) if isinstance(value, str) else None
    except InputError:
        return None


_OTHER_COMBINATOR: Final[Mapping[str, str]] = {"all_of": "any_of", "any_of": "all_of"}
_NEGATED: Final[Mapping[str, str]] = {"any_of": "none_of", "none_of": "any_of"}


@noun
class EditScope:
    """
    The names that edits of guard uses and effect uses draw on.

    Attributes:
        guards, effects: the guards and effects by name.
        roles: every role that the definition names.
    """

    guards: Mapping[str, Guard[Any]]
    effects: Mapping[str, EffectKind[Any]]
    roles: tuple[str, ...]


def guards_edits(guards: Sequence[GuardUse], scope: EditScope) -> Iterator[Edit[tuple[GuardUse, ...]]]:
    """
    Yield the edits of the guards of a transition or rule.

    An edit keeps the ids of the uses, also those that come from their order, so that it changes one thing.
    """
    ids = tuple(use_ids(guards))
    uses = [use.but(id=use_id) for use, use_id in zip(guards, ids, strict=True)]
    for index, (use, use_id) in enumerate(zip(uses, ids, strict=True)):
        path, put, words = f".guards[{index}]", partial(replaced, uses, index), {"guard": use_id}
        yield Edit("guard_dropped", path, "dropped", put(), words)
        for edit in _use_edits(use, scope):
            yield edit.inside(path, put, **words)
        # To lower the severity would be to drop the guard once more: neither blocks.
        if use.severity == "block" and not use.override and use.use != RULES:
            made = use.but(override=True)
            yield Edit("override_allowed", ".override", "true", made).inside(path, put, **words)


def _use_edits(use: GuardUse, scope: EditScope) -> Iterator[Edit[GuardUse]]:
    """
    Yield the edits that apply to joined guards as well.
    """
    yield Edit("guard_negated", "", "negated", _negation(use))
    yield from _when_edits(use, "when_dropped", "when_negated")
    if use.use in COMBINATORS:
        yield from _joined_edits(use, scope)
    elif use.use != RULES:  # whose guards have edits of their own
        guard = scope.guards[use.use]
        yield from param_edits(use, guard.factory, scope.roles)


def _negation(use: GuardUse) -> GuardUse:
    if use.use in _NEGATED:
        return attrs.evolve(use, use=_NEGATED[use.use])
    inner = GuardUse(use.use, use.params, guards=use.guards)
    return attrs.evolve(use, use="none_of", params={}, guards=(inner,))


def _when_edits(use: Use, dropped: Kind, negated: Kind) -> Iterator[Edit[Use]]:
    if use.when is not None:
        words = {"when": shown(to_data(use.when))}
        yield Edit(dropped, ".when", "dropped", attrs.evolve(use, when=None), words)
        yield Edit(negated, ".when", "negated", attrs.evolve(use, when=_opposite(use.when)), words)


def _opposite(predicate: Predicate) -> Predicate:
    if isinstance(predicate, Junction) and predicate.word == "not":
        return predicate.parts[0]
    return Junction("not", (predicate,))


def _joined_edits(use: GuardUse, scope: EditScope) -> Iterator[Edit[GuardUse]]:
    joined = [
        (f".{use.use}[{index}]", put_at(use, "guards", index), inner, {"guard": use_id})
        for index, (inner, use_id) in enumerate(zip(use.guards, use_ids(use.guards), strict=True))
    ]
    if len(joined) > 1:
        if use.use in _OTHER_COMBINATOR:
            other = _OTHER_COMBINATOR[use.use]
            words = {"before": use.use, "value": other}
            yield Edit("combinator_changed", "", other, attrs.evolve(use, use=other), words)
        count: Any = use.params.get("count", 1)
        for other in (count - 1, count + 1) if use.use == AT_LEAST else ():
            if 0 < other <= len(joined):
                words = {"before": f"count = {count}", "value": f"count = {other}"}
                yield Edit(
                    "combinator_changed", ".count", str(other), attrs.evolve(use, params={"count": other}), words
                )
        for path, put, _, words in joined if count < len(joined) else ():
            yield Edit("guard_dropped", path, "dropped", put(), words)
    for path, put, inner, words in joined:
        for edit in _use_edits(inner, scope):
            yield edit.inside(path, put, **words)


Owner = TypeVar("Owner", Cadence, Deadline, Transition)  # what has effects


def definition_edits(definition: Definition, scope: EditScope) -> Iterator[tuple[str, Edit[Definition]]]:
    """
    Yield each edit of a definition with the id of the rule, stage, transition or cadence it belongs to, rules first.
    """
    for name, guards in definition.rules.items():
        for guards_edit in guards_edits(guards, scope):
            in_rules = guards_edit.inside("", put_key(definition.rules, name), transition=name)
            yield name, in_rules.inside(f"rules.{name}", partial(but, definition, "rules"))
    for index, stage in enumerate(definition.stages):
        for edit in _stage_edits(stage, scope):
            yield stage.id, edit.inside(f"stages[{index}]", put_at(definition, "stages", index))
    for index, transition in enumerate(definition.transitions):
        path, words, put = (
            f"transitions[{index}]",
            {"transition": transition.id},
            put_at(definition, "transitions", index),
        )
        for each_edit in _transition_edits(transition, definition, scope):
            yield transition.id, each_edit.inside(path, put, **words)
        yield transition.id, Edit("transition_removed", path, "removed", put(), words)
    for index, cadence in enumerate(definition.cadences):
        for cadence_edit in _cadence_edits(cadence, scope):
            yield cadence.id, cadence_edit.inside(f"cadences[{index}]", put_at(definition, "cadences", index))
        left = put_at(definition, "cadences", index)()
        yield cadence.id, Edit("cadence_dropped", f"cadences[{index}]", "dropped", left, {"cadence": cadence.id})
    yield from _order_edits(definition)


def _cadence_edits(cadence: Cadence, scope: EditScope) -> Iterator[Edit[Cadence]]:
    grace = whole_cadence(cadence).grace
    for near in near_values(grace):
        words = {"cadence": cadence.id, "before": str(grace), "value": near}
        yield Edit("cadence_changed", ".grace", near, but(cadence, "grace", near), words)
    yield from _effects_edits(cadence, cadence.id, scope, "on_missed")


def _stage_edits(stage: Stage, scope: EditScope) -> Iterator[Edit[Stage]]:
    for index, deadline in enumerate(stage.deadlines):
        path, put = f".deadlines[{index}]", put_at(stage, "deadlines", index)
        words = {"stage": stage.id, "deadline": deadline.id, "after": str(deadline.field or deadline.after)}
        yield Edit("deadline_dropped", path, "dropped", put(), words)
        for near in near_values(deadline.after):
            made = but(deadline, "after", near)
            yield Edit("deadline_changed", ".after", near, made, {"value": near}).inside(path, put, **words)
        for edit in _effects_edits(deadline, f"{stage.id}.{deadline.id}", scope):
            yield edit.inside(path, put)
    for index, task in enumerate(stage.tasks):
        path, put = f".tasks[{index}]", put_at(stage, "tasks", index)
        words = {"stage": stage.id, "task": task.id, "within": str(task.within)}
        yield Edit("task_dropped", path, "dropped", put(), words)
        for near in near_values(task.within):
            other = but(task, "within", near)
            yield Edit("task_changed", ".within", near, other, {"value": near}).inside(path, put, **words)
        if task.mandatory:
            other = but(task, "mandatory", value=False)
            yield Edit("task_optional", ".mandatory", "optional", other).inside(path, put, **words)


def _effects_edits(owner: Owner, name: str, scope: EditScope, key: str = "effects") -> Iterator[Edit[Owner]]:
    uses: tuple[EffectUse, ...] = getattr(owner, key)
    for index, use in enumerate(uses):
        path, put = f".{key}[{index}]", put_at(owner, key, index)
        yield Edit("effect_dropped", path, "dropped", put(), {"effect": use.use, "owner": name})
        for edit in _effect_edits(use, scope.effects[use.use]):
            yield edit.inside(path, put, effect=use.use, owner=name)


def _effect_edits(use: EffectUse, kind: EffectKind[Any]) -> Iterator[Edit[EffectUse]]:
    """
    Yield the edits of an effect: of its condition and its parameters, also of the texts that it leaves behind.

    A text that may be left out, or that names a field, stays as it is.
    """
    yield from _when_edits(use, "effect_when_dropped", "effect_when_negated")
    signature, fields = inspect.signature(kind.factory).parameters, tuple(kind.writes(**use.params))
    for edit in param_edits(use, kind.factory, ()):
        name = edit.path[1:].partition(".")[0]
        value = edit.made.params[name] if name in edit.made.params else signature[name].default
        words = {"name": name, "before": shown(use.params[name]), "value": shown(value) or '""'}
        yield attrs.evolve(edit, kind="effect_changed", words=words)
    for name, value in use.params.items():
        text = value[0] if _is_single(value) else value
        optional = name in signature and signature[name].default is not _NONE
        if isinstance(text, str) and text and not optional and text not in fields and not near_values(text):
            other = f"{text}_other"
            made = put_key(use.params, name)((other,) if _is_single(value) else other)
            words = {"name": name, "before": text, "value": other}
            yield Edit("effect_changed", f".{name}", other, attrs.evolve(use, params=made), words)


def _is_single(value: Any) -> bool:
    return isinstance(value, tuple) and len(cast("tuple[object, ...]", value)) == 1


def _transition_edits(transition: Transition, definition: Definition, scope: EditScope) -> Iterator[Edit[Transition]]:
    for edit in guards_edits(transition.guards, scope):
        yield edit.inside("", partial(but, transition, "guards"))
    yield from _effects_edits(transition, transition.id, scope)
    # A final stage may settle the first outcome: that would be no change.
    yield from _word_edits(transition, "outcome", definition.outcome_ids[1:])
    sources = sources_of(transition, definition.stages)
    stays = frozenset(sources if transition.target == SAME else ())
    yield from _word_edits(transition, "target", [stage.id for stage in definition.stages if stage.id not in stays])
    yield from _word_edits(transition, "source", ())
    if ANY in transition.source:
        yield from _except_edits(transition, sources)


def _except_edits(transition: Transition, sources: Sequence[str]) -> Iterator[Edit[Transition]]:
    """
    Yield the edits of the exceptions of ``*``: one stage more, or one less.
    """
    for stage in sources if len(sources) > 1 else ():
        made = attrs.evolve(transition, except_=(*transition.except_, stage))
        yield Edit("source_dropped", ".source", f"-{stage}", made, {"before": stage})
    for index, stage in enumerate(transition.except_):
        yield Edit("source_added", ".except", stage, put_at(transition, "except_", index)(), {"value": stage})


def _word_edits(transition: Transition, name: str, others: Sequence[str]) -> Iterator[Edit[Transition]]:
    """
    Yield the edits of an attribute that is a word, which becomes another, or a list of words, which loses one.
    """
    before: str | tuple[str, ...] | None = getattr(transition, name)
    kind: Any = f"{name}_{'changed' if isinstance(before, str) else 'dropped'}"
    if isinstance(before, str):
        for other in _after(before, others):
            words = {"before": before, "value": other}
            yield Edit(kind, f".{name}", other, but(transition, name, other), words)
    elif before is not None and len(before) > 1:
        for index, word in enumerate(before):
            made = put_at(transition, name, index)()
            yield Edit(kind, f".{name}", f"-{word}", made, {"before": word})


def _after(name: str, names: Sequence[str]) -> list[str]:
    """
    Return the other names, beginning after *name* and going round.
    """
    at = names.index(name) + 1 if name in names else 0
    return [other for other in (*names[at:], *names[:at]) if other != name]


def _order_edits(definition: Definition) -> Iterator[tuple[str, Edit[Definition]]]:
    by_trigger: dict[str, list[int]] = {}
    for index, transition in enumerate(definition.transitions):
        by_trigger.setdefault(transition.trigger, []).append(index)
    for trigger, indices in by_trigger.items():
        for first, second in pairwise(indices):
            before, other = definition.transitions[first], definition.transitions[second]
            if not frozenset(sources_of(before, definition.stages)).isdisjoint(sources_of(other, definition.stages)):
                made = put_at(put_at(definition, "transitions", first)(other), "transitions", second)(before)
                words = {"trigger": trigger, "before": before.id, "value": other.id}
                yield before.id, Edit("order_swapped", f"transitions[{first}]", f"after-{other.id}", made, words)
