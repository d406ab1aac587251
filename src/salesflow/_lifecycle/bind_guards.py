"""
Binds guard and effect uses: names to contributions, parameters to signatures, literals to fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, cast, get_args

import attrs

from .._definition.edges import UnreadParts
from .._definition.expand import rule_of, use_ids
from .._definition.field_values import literal
from .._definition.report import Fault, fault, unknown_choice
from .._definition.shape import AT_LEAST, COMBINATORS
from .._model.advice import AdviceKind
from .._model.definition import RULES, Field, GuardUse, OverrideRule
from .._model.frozen import EMPTY, freeze, noun
from .._model.messages import Wording
from .._model.parameters import call_factory, is_coroutine, read_params
from .._model.predicate import Compare, Predicate, bind_predicate, fields_of, with_literals
from .._model.project import field_reader
from .._model.uses import EffectUse
from .._model.values import Label, is_name
from .._model.verdict import PASS, SKIPPED, GuardSpec, Severity, Verdict
from .._model.written import written
from ..effects import EffectKind
from ..errors import InputError, nearest, reason_of, say, say_both
from ..guards import COMBINATOR_CODES, Guard, join
from ..guards._combinators import is_plain_pass
from ..typing import Check, Context, Effect, EffectContext
from . import observers
from .compiled import BoundGuard
from .contributions import Contributions


_SEVERITIES: Final = get_args(Severity)
_NOT_BY: Final = ("owner", "requester")


@noun(slots=False, eq=False, repr=False)
class DeclaredNames:
    """
    The names that guards, effects and advice of a definition may refer to.
    """

    contributions: Contributions
    fields: Mapping[str, Field]
    unread_parts: UnreadParts
    outcomes: tuple[str, ...]
    stages: frozenset[str]
    transitions: frozenset[str]
    artefacts: frozenset[str]
    wording: Wording
    rules: Mapping[str, tuple[BoundGuard, ...]] = EMPTY
    cadences: frozenset[str] = frozenset()

    def spec_of(self, use: GuardUse, use_id: str, codes: Mapping[str, Label]) -> GuardSpec:
        """
        Return how the verdicts of a use are shown, with the plugin that brings its guard.
        """
        owner = self.contributions.owners.get(("guard", use.use), "salesflow")
        version = self.contributions.versions.get(owner, "")
        return GuardSpec(use.use, use_id, use.severity, codes, self.wording, bool(use.override), owner, version)

    def pseudo_field(self, name: str) -> Field | None:
        """
        Return how ``outcome`` and ``stage`` are compared in a predicate.
        """
        choices = {"outcome": self.outcomes, "stage": tuple(sorted(self.stages))}.get(name)
        if choices is None:
            return None
        unsure = f"{name}s" in self.unread_parts.unread
        return Field(name, "text") if unsure else Field(name, "choice", choices=choices)

    def undeclared(self, path: str, fields: Iterable[str]) -> Iterator[Fault]:
        """
        Yield a fault for each field that is used but not declared.
        """
        for field in dict.fromkeys(fields):
            if field in self.fields or self.unread_parts.may_hold("fields", field):
                continue
            name = "field.undeclared/pseudo" if field in ("outcome", "stage") else "field.undeclared"
            yield fault(path, name, field=field, near=nearest(field, self.fields))


def bind_guards(
    uses: Sequence[GuardUse], declared: DeclaredNames, path: str, faults: list[Fault]
) -> tuple[BoundGuard, ...]:
    """
    Return the bound guards of a transition or rule, in file order; what is wrong is added to *faults*.
    """
    bound: list[BoundGuard] = []
    taken: set[str] = set()
    for index, (use_id, use) in enumerate(zip(use_ids(uses), uses, strict=True)):
        before = len(faults)
        if use.id is not None and not is_name(use.id):
            faults.append(fault(f"{path}[{index}].id", "id.malformed", name=use.id))
        elif use_id in taken:
            faults.append(_taken(use_id, f"{path}[{index}].id"))
        taken.add(use_id)
        if use.use == RULES:
            found = tuple(_of_rule(use, use_id, declared, f"{path}[{index}]", faults))
            faults += [_taken(each, f"{path}[{index}].id") for guard in found if (each := guard.spec.use_id) in taken]
            taken.update(guard.spec.use_id for guard in found)
            bound += found
            continue
        codes, check = _check_of(use, declared, f"{path}[{index}]", faults)
        if use.severity not in _SEVERITIES:
            faults.append(unknown_choice(f"{path}[{index}].severity", use.severity, _SEVERITIES))
        if len(faults) == before and check is not None:
            rule = use.override if isinstance(use.override, OverrideRule) else None
            bound.append(BoundGuard.of(declared.spec_of(use, use_id, codes), check, rule))
        if isinstance(use.override, OverrideRule):
            faults += _override_faults(use.override, f"{path}[{index}].override")
    return tuple(bound)


def _override_faults(rule: OverrideRule, path: str) -> Iterator[Fault]:
    for who in rule.not_by:
        if who not in _NOT_BY:
            yield unknown_choice(f"{path}.not_by", who, _NOT_BY)
    if not rule.roles and not rule.not_by:
        yield fault(path, "override.nobody")


def _taken(use_id: str, path: str) -> Fault:
    return fault(path, "id.duplicate/guard", name=use_id)


def _of_rule(
    use: GuardUse, use_id: str, declared: DeclaredNames, path: str, faults: list[Fault]
) -> Iterator[BoundGuard]:
    """
    Yield the guards of a rule as guards of the list that uses it.
    """
    if use.severity != "block" or use.override:
        faults.append(fault(path, "guard.joined/rule"))
    when = None if use.when is None else typed_predicate(use.when, declared, f"{path}.when", faults)
    for guard in _rule(use, declared, path, faults):
        spec = attrs.evolve(guard.spec, use_id=f"{use_id}.{guard.spec.use_id}")
        if is_name(use_id) and not is_name(spec.use_id):
            faults.append(fault(f"{path}.id", "id.malformed/long", name=spec.use_id))
        check = guard.check if when is None else conditional(guard.check, when)
        yield BoundGuard.of(spec, check, guard.override)


def _rule(use: GuardUse, declared: DeclaredNames, path: str, faults: list[Fault]) -> tuple[BoundGuard, ...]:
    """
    Return the bound guards of a rule, each with its id in the rule.
    """
    name = str(rule_of(use))
    if name not in declared.rules and not declared.unread_parts.may_hold("rules", name):
        near = nearest(name, declared.rules)
        faults.append(fault(f"{path}.rules", "rule.unknown" if near else "rule.unknown/far", name=name, near=near))
    return declared.rules.get(name, ())


def _check_of(
    use: GuardUse, declared: DeclaredNames, path: str, faults: list[Fault]
) -> tuple[Mapping[str, Any], Check | None]:
    codes: Mapping[str, Any] = COMBINATOR_CODES
    check: Check | None
    if use.use == RULES:
        check = joining("all_of", _rule(use, declared, path, faults))
    elif use.use in COMBINATORS:
        codes, check = _combined(use, declared, path, faults)
    else:
        codes, check = _named(use, declared, path, faults)
    if use.when is not None:
        predicate = typed_predicate(use.when, declared, f"{path}.when", faults)
        check = check and conditional(check, predicate)
    return codes, check


def _combined(
    use: GuardUse, declared: DeclaredNames, path: str, faults: list[Fault]
) -> tuple[Mapping[str, Any], Check | None]:
    if not use.guards:
        faults.append(fault(path, "guard.empty", junction=use.use))
    inner: list[BoundGuard] = []
    for index, part in enumerate(use.guards):
        part_path = f"{path}.{use.use}[{index}]"
        if part.severity != "block" or part.override:
            faults.append(fault(part_path, "guard.joined", junction=use.use))
        codes, check = _check_of(part, declared, part_path, faults)
        if part.use == RULES:
            faults += _soft_parts(part, declared, part_path)
            part = attrs.evolve(part, use="all_of", id=part.id or rule_of(part))  # noqa: PLW2901 -- what it stands for
        if check is not None:
            inner.append(BoundGuard.of(declared.spec_of(part, part.id or part.use, codes), check))
    count: Any = use.params.get("count", 1)
    if use.use == AT_LEAST and (count.__class__ is not int or not 1 <= count <= len(use.guards)):
        value, most = use.params.get("count"), len(use.guards)
        faults.append(fault(f"{path}.count", "guard.count", value=value, most=most))
        return COMBINATOR_CODES, None
    return COMBINATOR_CODES, joining(use.use, tuple(inner), count=count)


def _soft_parts(use: GuardUse, declared: DeclaredNames, path: str) -> Iterator[Fault]:
    for guard in declared.rules.get(str(rule_of(use)), ()):
        if guard.spec.severity != "block" or guard.spec.overridable:
            yield fault(path, "guard.joined/soft", name=guard.spec.use_id)


def joining(word: str, parts: tuple[BoundGuard, ...], *, count: int = 1) -> Check:
    """
    Return a check that asks every part and joins what they answer; *count* of ``at_least`` have to pass.
    """
    answers_of = tuple(part.answer for part in parts)

    def check(ctx: Context) -> Verdict:
        answers = [answer_of(ctx) for answer_of in answers_of]
        if not observers.active and is_plain_pass(word, answers):
            return PASS
        groups = [part.settle(answer) for part, answer in zip(parts, answers, strict=True)]
        if observers.active:
            observers.report_joined(ctx, word, groups)
        return join(word, groups, count=count)

    return check


def _named(
    use: GuardUse, declared: DeclaredNames, path: str, faults: list[Fault]
) -> tuple[Mapping[str, Any], Check | None]:
    guard = declared.contributions.guards.get(use.use)
    if guard is None:
        near = nearest(use.use, [*declared.contributions.guards, *COMBINATORS])
        name = "guard.unknown/far" if near is None else "guard.unknown"
        faults.append(fault(f"{path}.use", name, name=use.use, near=near))
        return EMPTY, None
    check, params = make(guard, use.params, declared, path, "guard", faults)
    if check is not None:
        faults += _reads(guard, params, declared, path)
    return guard.codes, check


def make(
    kind: Guard[Any] | EffectKind[Any] | AdviceKind[Any, Any],
    given: Mapping[str, Any],
    declared: DeclaredNames,
    path: str,
    what: str,
    faults: list[Fault],
) -> tuple[Any, Mapping[str, Any]]:
    """
    Return what a factory makes of parameters, and the parameters with their literals typed.

    It is ``None`` where they do not fit the signature or the factory refuses them, which is a fault.
    """
    before = len(faults)
    read, problems = read_params(kind.factory, given)
    faults += [
        Fault(f"{path}.{problem.name}", f"{what}.parameter_{problem.kind}", problem.problem, problem.hint)
        for problem in problems
    ]
    params = dict(read)
    for name, field_param in kind.typed_by.items():
        field = declared.fields.get(str(given.get(field_param)))
        name, _, key = name.partition(".")  # noqa: PLW2901 -- the parameter, and of a list of tables the key of each
        if field is not None and key:
            tables = [dict(each) for each in params.get(name, ())]
            for index, table in enumerate(tables):
                if key in table:
                    table[key] = _typed(field, table[key], f"{path}.{name}[{index}].{key}", faults)
            params[name] = freeze(tables)
        elif field is not None and given.get(name) not in (None, ""):  # "" clears a field of any type
            params[name] = _typed(field, written(given[name]), f"{path}.{name}", faults)
    if len(faults) > before:
        return None, params
    try:
        made = call_factory(kind.factory, params)
        if not callable(made):
            raise TypeError(say("factory.no_function", what=say(f"kind.{what}"), found=type(made).__name__))  # noqa: TRY301 -- it becomes a fault below
        if is_coroutine(made):
            raise TypeError(say("factory.coroutine", what=say(f"kind.{what}")))  # noqa: TRY301 -- as above
    except Exception as error:  # noqa: BLE001 -- a plugin's factory may raise anything
        faults.append(Fault(path, f"{what}.parameter_value", *say_both("parameter.value", why=reason_of(error))))
        return None, params
    return made, params


def _typed(field: Field, value: object, path: str, faults: list[Fault]) -> object:
    given = value
    try:
        if isinstance(value, tuple):
            return tuple(literal(field, item) for item in cast("Iterable[object]", value))
        return literal(field, value)
    except InputError as error:
        faults.append(fault(path, "literal.type", what=error.what, value=error.value, hint=error.hint))
        return given


def _reads(guard: Guard[Any], params: Mapping[str, Any], declared: DeclaredNames, path: str) -> Iterator[Fault]:
    yield from declared.undeclared(path, call_factory(guard.reads, params))
    asked: Iterable[tuple[str, str]] = call_factory(guard.asks, params)
    unsure = declared.unread_parts.unread & {"stages", "stages.produces", "stages.requires"}
    for kind, name in asked:
        if kind == "artefact" and name not in declared.artefacts and not unsure:
            yield fault(f"{path}.type", "artefact.unproduced", name=name, near=nearest(name, declared.artefacts))
    for name in dict.fromkeys(chain.from_iterable(call_factory(guard.binds, params).values())):
        yield from _bindable(name, declared, f"{path}.binds")
    if "taken" in guard.kinds:
        key = "transitions" if "transitions" in params else "transition"
        for named in params[key] if key == "transitions" else (params.get(key),):
            if named not in declared.transitions and not declared.unread_parts.may_hold("transitions", str(named)):
                near = nearest(named, declared.transitions)
                yield fault(f"{path}.{key}", "transition.unknown", name=named, near=near)


def _bindable(name: str, declared: DeclaredNames, path: str) -> Iterator[Fault]:
    field, entries = name in declared.fields, name in declared.contributions.entries
    if field and entries:
        yield fault(path, "binds.ambiguous", name=name)
    elif not field and not entries and not declared.unread_parts.may_hold("fields", name):
        near = nearest(name, (*declared.fields, *declared.contributions.entries))
        yield fault(path, "binds.unknown", name=name, near=near)


def typed_predicate(predicate: Predicate, declared: DeclaredNames, path: str, faults: list[Fault]) -> Predicate:
    """
    Return the predicate with its literals typed by the fields they are compared with.
    """
    faults += declared.undeclared(path, (name for name in fields_of(predicate) if declared.pseudo_field(name) is None))

    def convert(compare: Compare) -> Any:
        field = declared.pseudo_field(compare.field) or declared.fields.get(compare.field)
        if field is None or compare.op == "set":
            return compare.value
        here = f"{path}.{compare.field}"
        if compare.value is None or isinstance(compare.value, tuple) is not (compare.op in ("in", "not_in")):
            about = {"field": field.id, "value": compare.value, "op": compare.op}
            faults.append(fault(here, "literal.type/operator", **about))
            return compare.value
        return _typed(field, written(compare.value), here, faults)

    return with_literals(predicate, convert)


def conditional(check: Check, predicate: Predicate) -> Check:
    """
    Return a check that is skipped where the predicate is false; unknown applies it.
    """
    applies = bind_predicate(predicate, field_reader)

    def run(ctx: Context) -> Verdict | Sequence[Verdict]:
        return SKIPPED if applies(ctx.project) is False else check(ctx)

    return run


def bind_effects(
    uses: Sequence[EffectUse], declared: DeclaredNames, path: str, faults: list[Fault]
) -> tuple[tuple[EffectUse, Effect], ...]:
    """
    Return the effects of a transition, in file order; what is wrong is added to *faults*.
    """
    bound: list[tuple[EffectUse, Effect]] = []
    for index, use in enumerate(uses):
        here = f"{path}[{index}]"
        effect = declared.contributions.effects.get(use.use)
        if effect is None:
            near = nearest(use.use, declared.contributions.effects)
            faults.append(fault(f"{here}.use", "effect.unknown", name=use.use, near=near))
            continue
        run, params = make(effect, use.params, declared, here, "effect", faults)
        when = None if use.when is None else typed_predicate(use.when, declared, f"{here}.when", faults)
        if run is not None:
            faults += declared.undeclared(here, call_factory(effect.writes, params))
            bound.append((use, run if when is None else _where(run, when)))
    return tuple(bound)


def _where(run: Effect, predicate: Predicate) -> Effect:
    """
    Return an effect that does nothing unless the predicate is true.

    The outcome is the one after the move, which a final stage may settle.
    """

    def reader_of(name: str) -> Callable[[EffectContext], Any]:
        if name == "outcome":
            return lambda ctx: ctx.outcome
        read = field_reader(name)
        return lambda ctx: read(ctx.project)

    applies = bind_predicate(predicate, reader_of)
    return lambda ctx: run(ctx) if applies(ctx) else ()
