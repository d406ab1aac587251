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
from .._definition.report import Fault
from .._model.advice import AdviceKind
from .._model.definition import RULES, EffectUse, Field, GuardUse, OverrideRule
from .._model.frozen import EMPTY
from .._model.messages import Wording
from .._model.parameters import call_factory, is_coroutine, read_params
from .._model.predicate import Compare, Predicate, bind_predicate, fields_of, with_literals
from .._model.project import field_reader
from .._model.values import Label, is_name
from .._model.verdict import PASS, SKIPPED, GuardSpec, Severity, Verdict
from .._model.written import written
from ..effects import EffectKind
from ..errors import InputError, did_you_mean, shown
from ..guards import COMBINATOR_CODES, Guard, join
from ..guards._combinators import is_plain_pass
from ..typing import Check, Context, Effect, EffectContext
from . import observers
from .compiled import BoundGuard
from .contributions import Contributions


COMBINATORS: Final = ("all_of", "any_of", "none_of")
_SEVERITIES: Final = get_args(Severity)
_NOT_BY: Final = ("owner", "requester")


@attrs.frozen(slots=False, eq=False, repr=False)
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
            hint = "Declare it under [[fields]]." + did_you_mean(field, self.fields)
            if field in ("outcome", "stage"):
                hint = "It is no field; only conditions can compare it. For the outcome there is the guard outcome_set."
            yield Fault(path, "field.undeclared", f"the field {field!r} is not declared", hint)


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
            hint = "Use lower-case letters, digits and '_', starting with a letter, at most 64."
            faults.append(Fault(f"{path}[{index}].id", "id.malformed", f"{use.id!r} is no snake_case name", hint))
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
            hint = f"Use one of {', '.join(_SEVERITIES)}.{did_you_mean(use.severity, _SEVERITIES)}"
            faults.append(Fault(f"{path}[{index}].severity", "value.choice", f"unknown {use.severity!r}", hint))
        if len(faults) == before and check is not None:
            rule = use.override if isinstance(use.override, OverrideRule) else None
            bound.append(BoundGuard.of(declared.spec_of(use, use_id, codes), check, rule))
        if isinstance(use.override, OverrideRule):
            faults += _override_faults(use.override, f"{path}[{index}].override")
    return tuple(bound)


def _override_faults(rule: OverrideRule, path: str) -> Iterator[Fault]:
    for who in rule.not_by:
        if who not in _NOT_BY:
            hint = f"Use {' or '.join(_NOT_BY)}.{did_you_mean(who, _NOT_BY)}"
            yield Fault(f"{path}.not_by", "value.choice", f"unknown {who!r}", hint)
    if not rule.roles and not rule.not_by:
        yield Fault(path, "override.nobody", "it says neither who may nor who may not", "Give it roles or not_by.")


def _taken(use_id: str, path: str) -> Fault:
    hint = "Give one of the two another id; overrides name it."
    return Fault(path, "id.duplicate", f"guard id {use_id!r} is used again", hint)


def _of_rule(
    use: GuardUse, use_id: str, declared: DeclaredNames, path: str, faults: list[Fault]
) -> Iterator[BoundGuard]:
    """
    Yield the guards of a rule as guards of the list that uses it.
    """
    if use.severity != "block" or use.override:
        hint = "Write severity and override at the guards of the rule."
        faults.append(Fault(path, "guard.joined", "the use of a rule has no severity of its own", hint))
    when = None if use.when is None else typed_predicate(use.when, declared, f"{path}.when", faults)
    for guard in _rule(use, declared, path, faults):
        spec = attrs.evolve(guard.spec, use_id=f"{use_id}.{guard.spec.use_id}")
        if is_name(use_id) and not is_name(spec.use_id):
            hint = "Shorten them, or give the use of the rule a short id."
            faults.append(Fault(f"{path}.id", "id.malformed", f"the guard id {spec.use_id!r} is too long", hint))
        check = guard.check if when is None else conditional(guard.check, when)
        yield BoundGuard.of(spec, check, guard.override)


def _rule(use: GuardUse, declared: DeclaredNames, path: str, faults: list[Fault]) -> tuple[BoundGuard, ...]:
    """
    Return the bound guards of a rule, each with its id in the rule.
    """
    name = str(rule_of(use))
    if name not in declared.rules and not declared.unread_parts.may_hold("rules", name):
        hint = did_you_mean(name, declared.rules).strip() or f"Write it as [rules.{name}], with its guards."
        faults.append(Fault(f"{path}.rules", "rule.unknown", f"there is no rule {name!r}", hint))
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
        faults.append(Fault(path, "guard.empty", f"{use.use} joins nothing", "Give it a list of guards."))
    inner: list[BoundGuard] = []
    for index, part in enumerate(use.guards):
        part_path = f"{path}.{use.use}[{index}]"
        if part.severity != "block" or part.override:
            hint = f"Write severity and override beside {use.use}."
            faults.append(Fault(part_path, "guard.joined", "a joined guard has no severity of its own", hint))
        codes, check = _check_of(part, declared, part_path, faults)
        if part.use == RULES:
            faults += _soft_parts(part, declared, part_path)
            part = attrs.evolve(part, use="all_of", id=part.id or rule_of(part))  # noqa: PLW2901 -- what it stands for
        if check is not None:
            inner.append(BoundGuard.of(declared.spec_of(part, part.id or part.use, codes), check))
    return COMBINATOR_CODES, joining(use.use, tuple(inner))


def _soft_parts(use: GuardUse, declared: DeclaredNames, path: str) -> Iterator[Fault]:
    for guard in declared.rules.get(str(rule_of(use)), ()):
        if guard.spec.severity != "block" or guard.spec.overridable:
            text = f"the guard {guard.spec.use_id!r} of the rule has a severity or override of its own"
            yield Fault(path, "guard.joined", text, "Use the rule outside of combinators, or another rule here.")


def joining(word: str, parts: tuple[BoundGuard, ...]) -> Check:
    """
    Return a check that asks every part and joins what they answer.
    """
    answers_of = tuple(part.answer for part in parts)

    def check(ctx: Context) -> Verdict:
        answers = [answer_of(ctx) for answer_of in answers_of]
        if not observers.active and is_plain_pass(word, answers):
            return PASS
        groups = [part.settle(answer) for part, answer in zip(parts, answers, strict=True)]
        if observers.active:
            observers.report_joined(ctx, word, groups)
        return join(word, groups)

    return check


def _named(
    use: GuardUse, declared: DeclaredNames, path: str, faults: list[Fault]
) -> tuple[Mapping[str, Any], Check | None]:
    guard = declared.contributions.guards.get(use.use)
    if guard is None:
        known = [*declared.contributions.guards, *COMBINATORS]
        hint = did_you_mean(use.use, known).strip() or "See the list of guards, or load the plugin that brings it."
        faults.append(Fault(f"{path}.use", "guard.unknown", f"there is no guard {use.use!r}", hint))
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
        Fault(f"{path}.{problem.name}", f"{what}.parameter_{problem.kind}", problem.text, problem.hint)
        for problem in problems
    ]
    params = dict(read)
    for name, field_param in kind.typed_by.items():
        field = declared.fields.get(str(given.get(field_param)))
        if field is not None and given.get(name) not in (None, ""):  # "" clears a field of any type
            params[name] = _typed(field, written(given[name]), f"{path}.{name}", faults)
    if len(faults) > before:
        return None, params
    try:
        made = call_factory(kind.factory, params)
        if not callable(made):
            raise TypeError(f"the factory of this {what} returned {type(made).__name__}, not a function")  # noqa: TRY301 -- it becomes a fault below
        if is_coroutine(made):
            raise TypeError(f"this {what} is a coroutine function, and nobody awaits it; write a plain function")  # noqa: TRY301 -- it becomes a fault below
    except Exception as error:  # noqa: BLE001 -- a plugin's factory may raise anything
        text = str(error).rstrip(".") or type(error).__name__
        faults.append(Fault(path, f"{what}.parameter_value", text, "Change the parameter."))
        return None, params
    return made, params


def _typed(field: Field, value: object, path: str, faults: list[Fault]) -> object:
    given = value
    try:
        if isinstance(value, tuple):
            return tuple(literal(field, item) for item in cast("Iterable[object]", value))
        return literal(field, value)
    except InputError as error:
        faults.append(Fault(path, "literal.type", f"{error.what}: {shown(error.value)} does not fit", error.hint))
        return given


def _reads(guard: Guard[Any], params: Mapping[str, Any], declared: DeclaredNames, path: str) -> Iterator[Fault]:
    yield from declared.undeclared(path, call_factory(guard.reads, params))
    asked: Iterable[tuple[str, str]] = call_factory(guard.asks, params)
    unsure = declared.unread_parts.unread & {"stages", "stages.produces", "stages.requires"}
    for kind, name in asked:
        if kind == "artefact" and name not in declared.artefacts and not unsure:
            hint = "Add it to produces or requires of a stage." + did_you_mean(name, declared.artefacts)
            yield Fault(f"{path}.type", "artefact.unproduced", f"no stage produces the artefact {name!r}", hint)
    for name in dict.fromkeys(chain.from_iterable(call_factory(guard.binds, params).values())):
        yield from _bindable(name, declared, f"{path}.binds")
    if "taken" in guard.kinds:
        named = params.get("transition")
        if named not in declared.transitions and not declared.unread_parts.may_hold("transitions", str(named)):
            hint = did_you_mean(str(named), declared.transitions).strip()
            yield Fault(f"{path}.transition", "transition.unknown", f"there is no transition {named!r}", hint)


def _bindable(name: str, declared: DeclaredNames, path: str) -> Iterator[Fault]:
    field, entries = name in declared.fields, name in declared.contributions.entries
    if field and entries:
        hint = "Give the field another id."
        yield Fault(path, "binds.ambiguous", f"{name!r} is a field and a kind of entries", hint)
    elif not field and not entries and not declared.unread_parts.may_hold("fields", name):
        hint = "Name declared fields or kinds of entries." + did_you_mean(
            name, (*declared.fields, *declared.contributions.entries)
        )
        yield Fault(path, "binds.unknown", f"{name!r} is neither a field nor a kind of entries", hint)


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
            hint = "Compare with one value, with a list by 'in' or 'not_in', and ask for none by { set = false }."
            text = f"field {field.id!r}: {compare.value!r} does not fit the operator {compare.op!r}"
            faults.append(Fault(here, "literal.type", text, hint))
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
            hint = did_you_mean(use.use, declared.contributions.effects).strip()
            faults.append(Fault(f"{here}.use", "effect.unknown", f"there is no effect {use.use!r}", hint))
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
