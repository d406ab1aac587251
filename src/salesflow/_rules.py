"""
Binds guard and effect uses: names to contributions, parameters to signatures, literals to fields.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, get_args

import attrs

from ._decision import Rule
from ._definition import EffectUse, Field, GuardUse
from ._facts import Entry
from ._faults import Fault
from ._literals import literal
from ._params import call_factory, problems_of
from ._predicate import Compare, Predicate, fields_of, holds, with_literals
from ._project import field_value
from ._values import EMPTY, FrozenDict, Label
from ._verdict import SKIPPED, GuardSpec, Severity, Verdict
from .effects import EffectKind
from .errors import InputError, did_you_mean
from .guards import COMBINATOR_CODES, Guard, join
from .typing import Check, Context, Effect


COMBINATORS: Final = ("all_of", "any_of", "none_of")
_SEVERITIES: Final = get_args(Severity)


@attrs.frozen
class Contributions:
    """
    What plugins bring before the build, by name.

    Attributes:
        owners: which plugin brought a guard, effect, entry or lifecycle, by ``(what, name)``.
    """

    guards: Mapping[str, Guard[Any]] = EMPTY
    effects: Mapping[str, EffectKind[Any]] = EMPTY
    entries: Mapping[str, type[Entry]] = EMPTY
    owners: Mapping[tuple[str, str], str] = EMPTY


@attrs.frozen
class Scope:
    """
    The names that uses may refer to.
    """

    contributions: Contributions
    fields: Mapping[str, Field]
    dropped: frozenset[str]
    outcomes: tuple[str, ...]
    stages: frozenset[str]
    transitions: frozenset[str]
    artefacts: frozenset[str]
    names: Mapping[str, Label]

    def pseudo(self, name: str) -> Field | None:
        """
        Return how ``outcome`` and ``stage`` are compared in a predicate.
        """
        choices = {"outcome": self.outcomes, "stage": tuple(sorted(self.stages))}.get(name)
        return None if choices is None else Field(name, "choice", choices=choices)


def bind_guards(
    uses: Sequence[GuardUse], scope: Scope, path: str, faults: list[Fault]
) -> tuple[Rule, ...]:
    """
    Return the rules of a transition, in file order; what is wrong is added to *faults*.
    """
    taken = Counter(use.id for use in uses if use.id)
    for use_id, count in taken.items():
        if count > 1:
            faults.append(Fault(path, "id.duplicate", f"guard id {use_id!r} is used {count} times", "Rename one."))
    rules: list[Rule] = []
    numbered: Counter[str] = Counter()
    for index, use in enumerate(uses):
        numbered[use.use] += 1
        default = use.use if numbered[use.use] == 1 else f"{use.use}_{numbered[use.use]}"
        before = len(faults)
        codes, check = _check_of(use, scope, f"{path}[{index}]", faults)
        if use.severity not in _SEVERITIES:
            hint = f"Use one of {', '.join(_SEVERITIES)}.{did_you_mean(use.severity, _SEVERITIES)}"
            faults.append(Fault(f"{path}[{index}].severity", "value.choice", f"unknown {use.severity!r}", hint))
        if len(faults) == before and check is not None:
            owner = scope.contributions.owners.get(("guard", use.use), "salesflow")
            spec = GuardSpec(use.use, use.id or default, use.severity, codes, scope.names, use.override, owner)
            rules.append(Rule.of(spec, check))
    return tuple(rules)


def _check_of(
    use: GuardUse, scope: Scope, path: str, faults: list[Fault]
) -> tuple[Mapping[str, Any], Check | None]:
    if use.use in COMBINATORS:
        codes, check = _combined(use, scope, path, faults)
    else:
        codes, check = _named(use, scope, path, faults)
    if use.when is not None:
        predicate = typed_predicate(use.when, scope, f"{path}.when", faults)
        check = check and conditional(check, predicate)
    return codes, check


def _combined(
    use: GuardUse, scope: Scope, path: str, faults: list[Fault]
) -> tuple[Mapping[str, Any], Check | None]:
    if not use.guards:
        faults.append(Fault(path, "guard.empty", f"{use.use} joins nothing", "Give it a list of guards."))
    inner: list[Rule] = []
    for index, part in enumerate(use.guards):
        part_path = f"{path}.{use.use}[{index}]"
        if part.severity != "block" or part.override:
            hint = f"Write severity and override beside {use.use}."
            faults.append(Fault(part_path, "guard.joined", "a joined guard has no severity of its own", hint))
        codes, check = _check_of(part, scope, part_path, faults)
        if check is not None:
            inner.append(Rule.of(GuardSpec(part.use, part.id or part.use, "block", codes, scope.names), check))

    def check_all(ctx: Context) -> Verdict:
        return join(use.use, [rule.verdicts(ctx) for rule in inner])

    return COMBINATOR_CODES, check_all


def _named(
    use: GuardUse, scope: Scope, path: str, faults: list[Fault]
) -> tuple[Mapping[str, Any], Check | None]:
    guard = scope.contributions.guards.get(use.use)
    if guard is None:
        known = [*scope.contributions.guards, *COMBINATORS]
        hint = did_you_mean(use.use, known).strip() or "See the list of guards, or load the plugin that brings it."
        faults.append(Fault(f"{path}.use", "guard.unknown", f"there is no guard {use.use!r}", hint))
        return EMPTY, None
    before = len(faults)
    params = _params_of(guard.factory, use.params, guard.typed_by, scope, path, "guard", faults)
    if len(faults) > before:
        return guard.codes, None
    check = _made(guard.factory, params, path, "guard", faults)
    if check is not None:
        faults += _reads(guard, params, scope, path)
    return guard.codes, check


def _made(
    factory: Callable[..., Any], params: Mapping[str, Any], path: str, what: str, faults: list[Fault]
) -> Any:
    try:
        return call_factory(factory, params)
    except (ValueError, TypeError) as error:
        faults.append(Fault(path, f"{what}.parameter_value", str(error).rstrip("."), "Change the parameter."))
        return None


def _params_of(
    factory: Callable[..., Any],
    params: Mapping[str, Any],
    typed_by: Mapping[str, str],
    scope: Scope,
    path: str,
    what: str,
    faults: list[Fault],
) -> Mapping[str, Any]:
    for problem in problems_of(factory, params):
        faults.append(Fault(f"{path}.{problem.name}", f"{what}.parameter_{problem.kind}", problem.text, problem.hint))
    typed: dict[str, Any] = dict(params)
    for name, field_param in typed_by.items():
        field = scope.fields.get(str(params.get(field_param)))
        if field is not None and params.get(name) not in (None, ""):  # "" clears a field of any type
            typed[name] = _typed(field, params[name], f"{path}.{name}", faults)
    return FrozenDict(typed)


def _typed(field: Field, value: Any, path: str, faults: list[Fault]) -> Any:
    try:
        if isinstance(value, tuple):
            return tuple(literal(field, item) for item in value)
        return literal(field, value)
    except InputError as error:
        faults.append(Fault(path, "literal.type", f"{error.what}: {error.value!r} does not fit", error.hint))
        return value


def _reads(guard: Guard[Any], params: Mapping[str, Any], scope: Scope, path: str) -> Iterator[Fault]:
    read: Iterable[str] = call_factory(guard.reads, params)
    for field in read:
        if field not in scope.fields and field not in scope.dropped:
            yield undeclared(f"{path}.use", field, scope.fields)
    asked: Iterable[tuple[str, str]] = call_factory(guard.asks, params)
    for kind, name in asked:
        if kind == "artefact" and name not in scope.artefacts and not scope.dropped & scope.stages:
            hint = "Add it to produces or requires of a stage." + did_you_mean(name, scope.artefacts)
            yield Fault(f"{path}.type", "artefact.unproduced", f"no stage produces the artefact {name!r}", hint)
    if "taken" in guard.kinds:
        named = params.get("transition")
        if isinstance(named, str) and named not in scope.transitions and named not in scope.dropped:
            hint = did_you_mean(named, scope.transitions).strip()
            yield Fault(f"{path}.transition", "transition.unknown", f"there is no transition {named!r}", hint)


def undeclared(path: str, field: str, known: Iterable[str]) -> Fault:
    """
    Say that a field is used but not declared.
    """
    hint = "Declare it under [[fields]]." + did_you_mean(field, known)
    return Fault(path, "field.undeclared", f"the field {field!r} is not declared", hint)


def typed_predicate(predicate: Predicate, scope: Scope, path: str, faults: list[Fault]) -> Predicate:
    """
    Return the predicate with its literals typed by the fields they are compared with.
    """
    for name in dict.fromkeys(fields_of(predicate)):
        if name not in scope.fields and scope.pseudo(name) is None and name not in scope.dropped:
            faults.append(undeclared(path, name, scope.fields))

    def convert(compare: Compare) -> Any:
        field = scope.pseudo(compare.field) or scope.fields.get(compare.field)
        if field is None or compare.op == "set":
            return compare.value
        return _typed(field, compare.value, f"{path}.{compare.field}", faults)

    return with_literals(predicate, convert)


def conditional(check: Check, predicate: Predicate) -> Check:
    """
    Return a check that is skipped where the predicate is false; unknown applies it.
    """

    def run(ctx: Context) -> Verdict | Sequence[Verdict]:
        project = ctx.project
        if holds(predicate, lambda name: field_value(project, name)) is False:
            return SKIPPED
        return check(ctx)

    return run


def bind_effects(
    uses: Sequence[EffectUse], scope: Scope, path: str, faults: list[Fault]
) -> tuple[tuple[EffectUse, Effect], ...]:
    """
    Return the effects of a transition, in file order; what is wrong is added to *faults*.
    """
    bound: list[tuple[EffectUse, Effect]] = []
    for index, use in enumerate(uses):
        here = f"{path}[{index}]"
        effect = scope.contributions.effects.get(use.use)
        if effect is None:
            hint = did_you_mean(use.use, scope.contributions.effects).strip()
            faults.append(Fault(f"{here}.use", "effect.unknown", f"there is no effect {use.use!r}", hint))
            continue
        before = len(faults)
        params = _params_of(effect.factory, use.params, effect.typed_by, scope, here, "effect", faults)
        if len(faults) > before:
            continue
        written: Iterable[str] = call_factory(effect.writes, params)
        faults += [
            undeclared(f"{here}.use", field, scope.fields)
            for field in written
            if field not in scope.fields and field not in scope.dropped
        ]
        run = _made(effect.factory, params, here, "effect", faults)
        if run is not None:
            bound.append((use, run))
    return tuple(bound)
