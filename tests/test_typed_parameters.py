"""
A parameter has the type of its annotation, from Python, TOML and JSON, whatever it is called.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from hypothesis import example, given, strategies as st

import salesflow as sf
from salesflow import Money, hookimpl
from salesflow.effects import effect
from salesflow.guards import guard, passed
from salesflow.typing import Duration, GuardUse

from .cases import over_cases


class Region(Enum):
    """
    A choice as a plugin may write it.
    """

    NORTH = "north"
    SOUTH = 2


MONEY = st.builds(Money, st.decimals(-999, 999, places=2), st.sampled_from(["CNY", "EUR"]))
NUMBERS = st.integers(-999, 999) | st.floats(allow_nan=False, allow_infinity=False)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
DURATIONS = st.builds(Duration, st.integers(1, 999), st.sampled_from(["d", "bd", "h", "m"]))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
PLAIN: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (Money, MONEY),
    (date, st.dates()),
    (datetime, st.datetimes(timezones=st.just(UTC))),
    (time, st.times()),
    (Duration, DURATIONS),
    (Decimal, DECIMALS),
    (Region, st.sampled_from(Region)),
    (Literal["a", 2, True], st.sampled_from(["a", 2, True])),
    (str, TEXTS),
    (int, st.integers(-999, 999)),
    (float, NUMBERS),
    (bool, st.booleans()),
]


def with_lists(drawn: tuple[Any, st.SearchStrategy[Any]]) -> st.SearchStrategy[tuple[Any, Any]]:
    """
    Draw an annotation made of a plain one, with a value of it.
    """
    hint, values = drawn
    many = st.lists(values, max_size=3)
    shapes = [
        st.tuples(st.just(hint), values),
        st.tuples(st.just(hint | None), values),
        st.tuples(st.just(tuple[hint, ...]), many.map(tuple)),
        st.tuples(st.just(list[hint]), many),
        st.tuples(st.just(frozenset[hint]), many.map(frozenset)),
        st.tuples(st.just(Mapping[str, hint]), st.dictionaries(TEXTS, values, max_size=3)),
    ]
    return st.one_of(shapes)


NAMES = st.from_regex(r"p_[a-z]{1,8}", fullmatch=True)
PARAMETERS = st.dictionaries(NAMES, st.sampled_from(PLAIN).flatmap(with_lists), max_size=4)


def made_of(parameters: Mapping[str, tuple[Any, Any]], given_to: list[Any], result: Any) -> Any:
    """
    Return a factory with these parameters, which keeps what it is given.
    """

    def factory(**params: Any) -> Any:
        given_to.append(params)
        return result

    factory.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in parameters]
    )
    factory.__annotations__ = {name: hint for name, (hint, _) in parameters.items()}
    return factory


def definition_with(**parts: Any) -> sf.Definition:
    """
    Return a definition with one move.
    """
    return sf.Definition(
        "short",
        fields=[sf.Field("owner"), sf.Field("amount", "money"), sf.Field("share", "number")],
        stages=[sf.Stage("start"), sf.Stage("done", "won")],
        transitions=[sf.Transition("go", "start", "done", **parts)],
    )


@pytest.mark.untraced
@given(PARAMETERS)
def test_every_source_gives_the_same(parameters):
    """
    A factory of any signature is given equal values of the annotated types from Python, TOML and JSON.
    """
    values = {name: value for name, (_, value) in parameters.items()}
    seen: list[Any] = []
    limit = guard("acme.limit", codes={})(made_of(parameters, seen, lambda ctx: passed()))
    mark = effect("acme.mark")(made_of(parameters, seen, lambda ctx: ()))
    acme = SimpleNamespace(
        name="acme", salesflow_guards=hookimpl(lambda: [limit]), salesflow_effects=hookimpl(lambda: [mark])
    )
    definition = definition_with(guards=[limit(**values)], effects=[mark(**values)])
    read = [definition]
    read += [sf.load_definition(text=sf.dump_definition(definition, format=form)) for form in ("toml", "json")]
    for one in read:
        sf.build_lifecycle(one, plugins=[acme])

    assert [definition] * 3 == read
    assert [hash(definition)] * 3 == [hash(one) for one in read]
    assert [seen[0]] * 6 == seen
    assert {name: kind_of(value) for name, value in values.items()} == {
        name: kind_of(value) for name, value in seen[0].items()
    }


def kind_of(value: Any) -> Any:
    """
    Return the type of a value, or of what is in it.
    """
    if isinstance(value, (list, tuple, frozenset)):
        return sorted({str(kind_of(each)) for each in value})
    if isinstance(value, Mapping):
        return {key: kind_of(each) for key, each in value.items()}
    return type(value)


@given(MONEY, DECIMALS)
@example(Money("5", "CNY"), Decimal("0.12345678901234567890123"))
def test_literals_read_back_equal(money, number):
    """
    Defaults and conditions with money and decimal numbers are the same after a dump.
    """
    definition = sf.Definition(
        "short",
        fields=[sf.Field("owner"), sf.Field("amount", "money", default=money), sf.Field("n", "number", default=number)],
        stages=[sf.Stage("start"), sf.Stage("done", "won")],
        transitions=[
            sf.Transition(
                "go",
                "start",
                "done",
                guards=[GuardUse("fields_present", {"fields": ["owner"]}, when={"amount": {"in": [money]}})],
            )
        ],
    )
    for form in ("toml", "json"):
        read = sf.load_definition(text=sf.dump_definition(definition, format=form))

        assert definition == read
        assert sf.build_lifecycle(definition).definition == sf.build_lifecycle(read).definition


def test_a_set_and_an_open_end():
    """
    A set is written as a list, and what an open end takes is typed as well.
    """
    seen: list[Any] = []

    @guard("acme.any", codes={})
    def some(**limits: Money) -> Any:
        seen.append(limits)
        return lambda ctx: passed()

    acme = SimpleNamespace(name="acme", salesflow_guards=hookimpl(lambda: [some]))
    definition = definition_with(guards=[some(low=Money(5, "CNY"))])
    for one in (definition, sf.load_definition(text=sf.dump_definition(definition))):
        sf.build_lifecycle(one, plugins=[acme])

    assert [{"low": Money(5, "CNY")}] * 2 == seen
    assert "x = [1, 2]" in sf.dump_definition(definition_with(guards=[GuardUse("acme.x", {"x": {2, 1}})]))


@over_cases("value", [float("nan"), object(), {1: 2}])
def test_what_no_file_can_hold(value):
    """
    What cannot be read back equal is not written.
    """
    with pytest.raises(sf.errors.InputError):
        sf.dump_definition(definition_with(guards=[GuardUse("acme.x", {"x": value})]))


def test_an_annotation_that_cannot_be_read():
    """
    An annotation that only a type checker can see is a fault that says so.
    """

    @guard("acme.typed", codes={})
    def odd(x: Nowhere) -> Any:  # type: ignore[name-defined]  # noqa: F821
        return lambda ctx: passed()

    acme = SimpleNamespace(name="acme", salesflow_guards=hookimpl(lambda: [odd]))
    report = sf.check_definition(definition_with(guards=[odd(x=5)]), plugins=[acme])

    assert ["guard.parameter_annotation"] == [fault.code for fault in report.faults]
    assert "Nowhere" in str(report.faults[0])


def test_a_number_of_a_file_is_no_text():
    """
    The text of a number is taken for a field only where no number of a file keeps its digits.
    """
    fields = [sf.Field("owner"), sf.Field("n", "number", default="5")]
    report = sf.check_definition(
        sf.Definition("short", fields=fields, stages=[sf.Stage("start"), sf.Stage("x", "won")])
    )

    assert "literal.type" in [fault.code for fault in report.faults]


def test_an_annotation_of_what_is_returned():
    """
    What a factory returns needs no name that can be read.
    """
    seen: list[Any] = []

    @guard("acme.typed", codes={})
    def odd(x: Money, y=1) -> Nowhere:  # type: ignore[name-defined]  # noqa: F821
        seen.append((x, y))
        return lambda ctx: passed()

    acme = SimpleNamespace(name="acme", salesflow_guards=hookimpl(lambda: [odd]))
    sf.build_lifecycle(definition_with(guards=[odd("5 CNY", 2)]), plugins=[acme])

    assert [(Money("5", "CNY"), 2)] == seen
