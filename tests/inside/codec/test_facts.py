"""
Facts, notices and attempts go to JSON and come back equal, and only what stores can keep goes in.
"""

from __future__ import annotations

import enum
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import attrs
import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Fact, Money, Project, Verdict
from salesflow._codec.entries import decode_entry, encode_entry
from salesflow._codec.facts import (
    canonical_fact,
    check_values,
    decode_change,
    decode_verdict,
    encode_fact,
    encode_verdict,
)
from salesflow._codec.values import DEPTH, LIMIT_FACT, decode_value, encode_time, encode_value, fingerprint
from salesflow._model.frozen import EMPTY, FrozenDict
from salesflow.errors import InputError, InvalidValueError, SchemaMismatchError, TooLargeError
from salesflow.stores.adapting import (
    canonical,
    decode_attempt,
    decode_due,
    decode_fact,
    decode_notice,
    decode_project,
    encode_attempt,
    encode_due,
    encode_notice,
    encode_project,
)
from salesflow.typing import (
    Attempt,
    Changed,
    DueDeadline,
    Duration,
    EntryDropped,
    EntryPut,
    FieldSet,
    GuardSpec,
    Held,
    Label,
    Notice,
    OpaqueEntry,
    Opened,
    Override,
    Remedy,
    Transitioned,
    Visit,
)

from ...cases import over_cases


AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ACTOR = Actor("li.wei", roles={"project_lead", "bid_manager"})


@attrs.frozen
class Item:
    """
    A part of an entry.
    """

    text: str
    weight: Decimal = Decimal(1)


@attrs.frozen
class Paper:
    """
    An entry with every shape of attribute.
    """

    kind: ClassVar[str] = "paper"
    id: str
    status: Literal["draft", "final"] = "draft"
    price: Money | None = None
    due: date | None = None
    at: datetime | None = None
    items: tuple[Item, ...] = ()
    main: Item | None = None
    mixed: tuple[Item | date | str, ...] = ()
    named: FrozenDict[str, Item] = EMPTY
    notes: FrozenDict[str, Any] = EMPTY
    tags: tuple[str, ...] = attrs.field(factory=tuple)
    title: str = attrs.field(default=attrs.Factory(lambda self: self.id, takes_self=True))
    size: int = attrs.field(init=False, default=0)


@attrs.frozen
class Either:
    """
    A class that no reader could bring back.
    """

    kind: ClassVar[str] = "either"
    id: str
    what: Item | Paper | None = None


class Grade(enum.Enum):
    """
    A choice that is no text.
    """

    A = 1


class Colour(str, enum.Enum):  # noqa: UP042 -- the older spelling prints differently, and must be stored the same
    """
    A choice that is a text.
    """

    RED = "red"


ENTRY_TYPES = {"paper": Paper}

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
times = st.datetimes(
    datetime(1970, 1, 2),  # noqa: DTZ001 -- hypothesis adds the zone
    datetime(2200, 1, 1),  # noqa: DTZ001 -- as above
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]),
)
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9)
money = st.builds(Money, decimals, st.sampled_from(["CNY", "EUR"]))
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | money
    | decimals
    | st.dates()
    | times
    | st.timedeltas()
    | st.builds(Label, texts, texts)
    | st.builds(Duration, st.integers(0, 99), st.sampled_from(["d", "bd", "h", "m"]))
    | st.frozensets(texts | decimals, max_size=3)
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(texts, inner, max_size=3).map(FrozenDict),
    max_leaves=6,
)
tables = st.dictionaries(texts, values, max_size=3).map(FrozenDict)
ids = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
items = st.builds(Item, texts, decimals)
papers = st.builds(
    Paper,
    ids,
    status=st.sampled_from(["draft", "final"]),
    price=st.none() | money,
    due=st.none() | st.dates(),
    at=st.none() | times,
    items=st.lists(items, max_size=2).map(tuple),
    main=st.none() | items,
    mixed=st.lists(items | st.dates() | texts, max_size=3).map(tuple),
    named=st.dictionaries(texts, items, max_size=2).map(FrozenDict),
    notes=tables,
    tags=st.lists(texts, max_size=2).map(tuple),
    title=texts,
)
changes = st.lists(
    st.builds(FieldSet, ids, leaves) | st.builds(EntryPut, papers) | st.builds(EntryDropped, ids, ids), max_size=3
).map(tuple)
specs = st.builds(
    GuardSpec,
    ids,
    ids,
    severity=st.sampled_from(["block", "warn", "shadow"]),
    overridable=st.booleans(),
    plugin=st.sampled_from(["salesflow", "meddicc"]),
)
remedies = st.builds(Remedy, st.sampled_from(["field", "entry", "wait"]), ids, tables)
plain_passes = st.builds(lambda name: Verdict(GuardSpec(name, name), "pass"), ids)
verdicts = st.recursive(
    plain_passes,
    lambda inner: st.builds(
        Verdict,
        specs,
        st.sampled_from(["pass", "fail", "unknown", "skipped"]),
        code=st.just("") | ids,
        missing=st.lists(remedies, max_size=2).map(tuple),
        evidence=tables,
        error=st.none() | texts,
        overridden=st.booleans(),
        inner=st.lists(inner, max_size=2).map(tuple),
    ),
    max_leaves=4,
)
bodies = (
    st.builds(Opened, texts, ids, ids, changes, st.none() | ids)
    | st.builds(Changed, changes)
    | st.builds(
        Transitioned,
        *[ids] * 6,
        changes,
        st.lists(verdicts, max_size=3).map(tuple),
        st.none() | texts,
        st.lists(st.builds(Override, ids, texts, ids), max_size=2).map(tuple),
        st.none() | ids,
        st.booleans(),
    )
)
facts = st.builds(
    Fact, ids, st.integers(1, 99), times, st.just(ACTOR), ids, st.sampled_from(["1", "2.0"]), bodies, st.none() | texts
)


def fact_of(value: Any = None, **parts: Any) -> Fact:
    """
    Return a small fact that sets a field to *value*.
    """
    body = parts.pop("body", Changed((FieldSet("amount", value),)))
    return Fact("p-1", 2, AT, ACTOR, "cycle", "1", body, **parts)


def moved(**parts: Any) -> Fact:
    """
    Return a fact of a transition.
    """
    return fact_of(body=Transitioned("go", "go", "forward", "a", "b", "undecided", **parts))


def nested(levels: int, *, mapping: bool = False) -> Any:
    """
    Return lists or mappings within each other.
    """
    value: Any = ()
    for _ in range(levels - 1):
        value = FrozenDict(x=value) if mapping else (value,)
    return value


@pytest.mark.untraced
@given(facts)
def test_a_fact_comes_back_equal(fact: Fact) -> None:
    """
    Through the canonical text and back, every fact is what it was, and stays in the value domain.
    """
    check_values(fact)

    assert fact == decode_fact(json.loads(canonical_fact(fact)), ENTRY_TYPES)


@given(st.builds(Notice, ids, st.integers(1, 9), st.lists(texts, max_size=2).map(tuple), texts, tables))
def test_a_notice_comes_back_equal(notice: Notice) -> None:
    """
    Notices survive the same way.
    """

    assert notice == decode_notice(json.loads(canonical(encode_notice(notice))))


@given(st.builds(DueDeadline, ids, st.integers(1, 9), ids, ids, times))
def test_a_deadline_comes_back_equal(due: DueDeadline) -> None:
    """
    Deadlines to watch survive the same way.
    """

    assert due == decode_due(json.loads(canonical(encode_due(due))))


@given(st.builds(Attempt, ids, st.integers(1, 9), times, texts, ids, st.lists(texts, max_size=2).map(tuple)))
def test_an_attempt_comes_back_equal(attempt: Attempt) -> None:
    """
    Refused attempts survive the same way.
    """

    assert attempt == decode_attempt(json.loads(canonical(encode_attempt(attempt))))


visits = st.builds(Visit, st.integers(1, 9), ids, times, st.integers(1, 99))
projects = st.builds(
    Project,
    ids,
    texts,
    ids,
    st.sampled_from(["1", "2.0"]),
    ids,
    ids,
    st.dictionaries(ids, leaves, max_size=3).map(FrozenDict),
    st.lists(st.builds(Held, papers, st.integers(1, 99), times, texts), max_size=3).map(
        lambda helds: FrozenDict(paper=FrozenDict({held.entry.id: held for held in helds}))
    ),
    st.integers(1, 99),
    times,
    texts,
    times,
    visits,
    st.none() | visits,
    st.integers(1, 9),
    st.dictionaries(ids, st.integers(1, 9), max_size=2).map(FrozenDict),
    st.none() | ids,
)


@pytest.mark.traced
@given(projects)
def test_a_head_comes_back_equal(project: Project) -> None:
    """
    A project survives with its entries in the order in which they were added.
    """
    read = decode_project(json.loads(canonical(encode_project(project))), ENTRY_TYPES)

    assert (project, project.all(Paper)) == (read, read.all(Paper))


def test_a_head_of_another_schema_is_refused() -> None:
    """
    The store folds the facts instead.
    """
    with pytest.raises(SchemaMismatchError) as caught:
        decode_project({"v": 1}, ENTRY_TYPES)

    assert (1, 4) == (caught.value.found, caught.value.wanted)


def test_the_shape_of_a_fact_is_pinned() -> None:
    """
    What is on disk must not drift: this is the whole text of a small fact.
    """
    fact = Fact(
        "p-1",
        3,
        AT,
        ACTOR,
        "cycle",
        "1",
        Transitioned(
            "approve",
            "approve",
            "forward",
            "a",
            "b",
            "undecided",
            changes=(
                FieldSet("amount", Money("1200000", "CNY")),
                EntryPut(Paper("p", items=(Item("x"),))),
                EntryDropped("paper", "q"),
            ),
            verdicts=(
                Verdict(GuardSpec("ok", "ok"), "pass"),
                Verdict(GuardSpec("approval", "a2"), "fail", "approval.missing", (Remedy("approval", "initiation"),)),
            ),
        ),
        "k-1",
    )
    expected = (
        '{"actor":["li.wei",["bid_manager","project_lead"]],"at":"2026-03-04T05:06:07Z","body":{"changes":'
        '[["set","amount",{"m":["1200000","CNY"]}],["put","paper",{"id":"p","items":[{"a":{"text":"x"}}],"title":"p"}],'
        '["drop","paper","q"]],"kind":"forward","outcome":"undecided","source":"a","target":"b","transition":"approve",'
        '"trigger":"approve","verdicts":["ok",{"code":"approval.missing","guard":"approval","id":"a2",'
        '"missing":[["approval","initiation",{}]],"status":"fail"}]},"key":"k-1","lifecycle":["cycle","1"],'
        '"project":"p-1","type":"moved","v":1,"version":3}'
    )

    assert expected == canonical(encode_fact(fact)).decode()


def test_an_opening_keeps_its_parent_and_its_first_values() -> None:
    """
    A spawned project begins with what it was given.
    """
    fact = fact_of(body=Opened("网络升级", "initiation", "undecided", (FieldSet("is_new", False),), "p-0"))
    data = encode_fact(fact)

    assert (
        (
            "opened",
            {
                "name": "网络升级",
                "stage": "initiation",
                "outcome": "undecided",
                "changes": [["set", "is_new", False]],
                "parent": "p-0",
            },
        ),
        fact,
    ) == ((data["type"], data["body"]), decode_fact(data, ENTRY_TYPES))


def test_a_move_keeps_its_reason() -> None:
    """
    What was said with a move is stored with it.
    """
    fact = moved(reason="the customer asked for it")

    assert fact == decode_fact(json.loads(canonical_fact(fact)), ENTRY_TYPES)


def test_schema_0_is_upgraded_on_read() -> None:
    """
    Schema 0 wrote the actor as a bare name; it reads as an actor without roles.
    """
    old = {**encode_fact(fact_of(1)), "v": 0, "actor": "li.wei"}

    assert Actor("li.wei") == decode_fact(old, ENTRY_TYPES).actor


@over_cases("schema", [2, -1, None, "1"])
def test_an_unknown_schema_is_named(schema: object) -> None:
    """
    Data of a schema that this version does not know is refused, whatever it is.
    """
    data = {**encode_fact(fact_of(1)), "v": schema}
    with pytest.raises(SchemaMismatchError) as caught:
        decode_fact(data, ENTRY_TYPES)

    assert (schema, (0, 1)) == (caught.value.found, caught.value.wanted)


def test_an_unknown_body_is_named() -> None:
    """
    A body with a tag from the future is refused.
    """
    with pytest.raises(SchemaMismatchError) as caught:
        decode_fact({**encode_fact(fact_of(1)), "type": "merged"}, ENTRY_TYPES)

    assert "merged" == caught.value.found


def test_an_unknown_change_is_named() -> None:
    """
    A change with a tag from the future is refused.
    """
    with pytest.raises(SchemaMismatchError) as caught:
        decode_change(["swap", "a", "b"], ENTRY_TYPES)

    assert "swap" == caught.value.found


def test_an_unknown_value_is_named() -> None:
    """
    A value with a tag from the future is refused.
    """
    with pytest.raises(SchemaMismatchError) as caught:
        decode_value({"zz": 1})

    assert "zz" == caught.value.found


def test_an_object_needs_exactly_one_tag() -> None:
    """
    An untagged object is no value.
    """
    with pytest.raises(InputError, match="exactly one tag"):
        decode_value({"m": 1, "d": 2})


def test_an_unknown_kind_of_entry_is_opaque() -> None:
    """
    An entry whose plugin is absent is kept as it stands, and written so.
    """
    data = {"id": "x", "pages": [1, {"m": ["5", "EUR"]}]}
    entry = decode_entry("scroll", data, ENTRY_TYPES)

    assert canonical(data) == canonical(encode_entry(entry))
    assert (OpaqueEntry, "scroll", "x") == (type(entry), entry.kind, entry.id)


def test_an_unknown_attribute_suggests_the_near_one() -> None:
    """
    An attribute that the class does not have is an error with a suggestion.
    """
    with pytest.raises(InputError, match="Did you mean 'status'") as caught:
        decode_entry("paper", {"id": "x", "statos": "final"}, ENTRY_TYPES)

    assert "statos" == caught.value.value


def test_a_missing_attribute_is_told() -> None:
    """
    An entry without a required attribute is not made up.
    """
    with pytest.raises(InputError, match="It has: id") as caught:
        decode_entry("paper", {}, ENTRY_TYPES)

    assert ("paper.id", None) == (caught.value.what, caught.value.value)


def test_a_missing_attribute_of_a_nested_class_is_told() -> None:
    """
    A nested class goes by its own name, also if one of its attributes is called ``kind``.
    """

    @attrs.frozen
    class Part:
        kind: str
        size: int

    @attrs.frozen
    class Box:
        kind = "box"
        id: str
        part: Part

    Box.__annotations__["part"] = Part  # a name that only this test has
    with pytest.raises(InputError, match="It has: kind, size") as caught:
        decode_entry("box", {"id": "b", "part": {"a": {"kind": "lid"}}}, {"box": Box})

    assert "Part.size" == caught.value.what


def test_a_class_that_refuses_a_value_is_told() -> None:
    """
    What a class of a plugin raises over a stored value is an error of the library.
    """

    @attrs.frozen
    class Sheet:
        kind = "sheet"
        id: str = attrs.field(converter=len)

    with pytest.raises(InputError, match="has no len") as caught:
        decode_entry("sheet", {"id": 5}, {"sheet": Sheet})

    assert "stored sheet" == caught.value.what


def test_a_fact_that_is_not_whole_is_told() -> None:
    """
    A fact without a part is an input error that says which part.
    """
    data = encode_fact(fact_of(1))
    del data["project"]
    with pytest.raises(InputError, match="KeyError: 'project'") as caught:
        decode_fact(data, ENTRY_TYPES)

    assert "stored fact" == caught.value.what


def test_a_class_with_two_nested_classes_in_one_attribute_is_refused_before_it_is_written() -> None:
    """
    What could not be read back is not written.
    """
    with pytest.raises(TypeError, match=r"Either.what may hold Item, Paper") as caught:
        encode_entry(Either("x"))

    assert "Give each class an attribute of its own." in str(caught.value)


def test_defaults_are_left_out() -> None:
    """
    An entry is as short as what was said about it; a default made from the rest is written.
    """

    assert {"id": "x", "title": "x"} == encode_entry(Paper("x"))


@over_cases(
    ("value", "expected"),
    [
        (Colour.RED, "red"),
        (MappingProxyType({"a": 1}), FrozenDict(a=1)),
        ({"a": [1, {2}]}, FrozenDict(a=(1, frozenset({2})))),
        (datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8))), datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_near_relations_are_stored_as_plain_values(value: Any, expected: Any) -> None:
    """
    Enumerations of text, other mappings, sets and other zones come back in one form.
    """
    check_values(moved(verdicts=(Verdict(GuardSpec("a", "a"), "fail", evidence={"x": value}),)))

    assert expected == decode_value(json.loads(canonical(encode_value(value))))


def test_a_plain_pass_is_one_word() -> None:
    """
    Most verdicts are plain passes, so they cost as little as their name.
    """
    data = encode_verdict(Verdict(GuardSpec("approval", "approval", codes={"x": Label("X")}), "pass"))

    assert ("approval", Verdict(GuardSpec("approval", "approval"), "pass")) == (data, decode_verdict(data))


def test_microseconds_survive() -> None:
    """
    A time is stored to the microsecond, and in UTC.
    """

    assert "2026-03-04T05:06:07.000008Z" == encode_time(AT.replace(microsecond=8))


def test_the_canonical_text_is_one_text() -> None:
    """
    The order in which something was written does not change its fingerprint; its content does.
    """
    one, same, other = {"b": 1, "a": "中"}, {"a": "中", "b": 1}, {"a": "中", "b": 2}

    assert (b'{"a":"\xe4\xb8\xad","b":1}', True, False) == (
        canonical(one),
        fingerprint(one) == fingerprint(same),
        fingerprint(one) == fingerprint(other),
    )


@over_cases("data", [float("nan"), "\ud800", object(), {1: 1, "a": 2}])
def test_what_has_no_canonical_text_is_refused(data: object) -> None:
    """
    JSON that not every reader understands is never written.
    """
    with pytest.raises(InvalidValueError) as caught:
        canonical(data)

    assert "data" == caught.value.path


BAD_VALUES = [
    pytest.param(2**53, "outside", id="large"),
    pytest.param(-(2**53), "outside", id="small"),
    pytest.param(float("nan"), "not a finite number", id="nan"),
    pytest.param(float("inf"), "not a finite number", id="infinity"),
    pytest.param("a\0b", "U+0000", id="nul"),
    pytest.param("\ud800", "surrogate", id="surrogate"),
    pytest.param(("fine", {"k": "\udfff"}), "surrogate", id="deep"),
    pytest.param({"\0": 1}, "U+0000", id="key"),
    pytest.param(Label("ok", "\0"), "U+0000", id="label"),
    pytest.param(nested(29), "deeper than 32", id="lists"),
    pytest.param(nested(15, mapping=True), "deeper than 32", id="mappings"),
]
UNSTORABLE = [
    pytest.param(Decimal("Infinity"), "not a finite number", id="decimal"),
    pytest.param(datetime(2026, 1, 1), "no time zone", id="naive"),  # noqa: DTZ001 -- the fault under test
    pytest.param(object(), "cannot be stored", id="object"),
    pytest.param(Grade.A, "cannot be stored", id="enum"),
]


@over_cases(("value", "why"), [*BAD_VALUES, *UNSTORABLE])
def test_values_outside_the_domain_are_named(value: Any, why: str) -> None:
    """
    A value that some store could not keep is refused, with the place where it stands.
    """
    with pytest.raises(InvalidValueError, match=why.replace("+", r"\+")) as caught:
        check_values(fact_of(value))

    assert caught.value.path.startswith("field 'amount'")


@over_cases(
    "value",
    [
        nested(28),
        nested(14, mapping=True),
        ({"x": nested(25)},),
        Money(1, "CNY"),
        (frozenset({(1,)}),),
    ],
)
def test_the_deepest_values_pass(value: Any) -> None:
    """
    What stands at the limit of depth is kept, and comes back.
    """
    fact = fact_of(value)
    check_values(fact)

    assert fact == decode_fact(encode_fact(fact), ENTRY_TYPES) or isinstance(value[0], dict)


def levels_of(data: Any) -> int:
    """Return how many levels encoded data has."""
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else None
    return 0 if inner is None else 1 + max(map(levels_of, inner), default=0)


def levels_when_written(encode: Any, value: Any) -> int:
    """Return how many levels *value* has when it is encoded: one more than there may be if it is refused."""
    try:
        return levels_of(encode(value))
    except InvalidValueError:
        return DEPTH + 1


deep_leaves = st.sampled_from([1, "x", Money(1, "CNY"), Decimal(1), Label("a"), frozenset({Money(1, "CNY")})])


@given(st.integers(20, 30), deep_leaves, st.randoms(use_true_random=False))
def test_nothing_deeper_than_the_limit_is_written(levels: int, leaf: Any, random: Any) -> None:
    """
    Whatever stands at the bottom, what is kept has at most 32 levels, and what has at most 32 is kept.
    """
    value = leaf
    for _ in range(levels):
        value = FrozenDict(k=value) if random.random() < 0.1 else (value,)
    spec = GuardSpec("a", "a")
    facts = (
        fact_of(value),
        fact_of(body=Changed((EntryPut(Paper("p", notes=FrozenDict(v=value))),))),
        moved(verdicts=(Verdict(spec, "fail", missing=(Remedy("wait", "x", {"v": value}),)),)),
        moved(verdicts=(Verdict(spec, "fail", inner=(Verdict(spec, "fail", evidence={"v": value}),)),)),
    )
    alone = levels_when_written(encode_value, value)

    # So many levels of the fact stand above the value.
    assert [min(alone + above, DEPTH + 1) for above in (4, 7, 7, 7)] == [
        levels_when_written(encode_fact, fact) for fact in facts
    ]


@over_cases(
    ("fact", "path"),
    [
        (fact_of(body=Opened("\0", "a", "undecided")), "name"),
        (fact_of(body=Changed((EntryPut(Paper("p", items=(Item("\0"),))),))), "paper 'p'.items[0].text"),
        (fact_of(body=Changed((EntryPut(Paper("p", main=Item("\0"))),))), "paper 'p'.main.text"),
        (fact_of(body=Changed((EntryPut(Paper("p", named=FrozenDict(n=Item("\0")))),))), "paper 'p'.named.n.text"),
        (fact_of(body=Changed((EntryDropped("paper", "\0"),))), "id of a dropped paper"),
        (fact_of(1, key="\0"), "key"),
        (moved(reason="\0"), "reason"),
        (moved(overrides=(Override("g", "\0", "x"),)), "overrides[0][1]"),
        (moved(verdicts=(Verdict(GuardSpec("g", "g"), "unknown", error="\0"),)), "guard use 'g'.error"),
        (fact_of({1: 1}), "field 'amount'"),
    ],
)
def test_every_free_text_of_a_fact_is_checked(fact: Fact, path: str) -> None:
    """
    Wherever a caller can put a text, the check looks, and names the place.
    """
    with pytest.raises(InvalidValueError) as caught:
        check_values(fact)

    assert path == caught.value.path


@over_cases("text", ["x" * LIMIT_FACT, "\x01" * (LIMIT_FACT // 6), "中" * (LIMIT_FACT // 3)])
def test_a_fact_over_the_limit_is_refused(text: str) -> None:
    """
    The limit counts the bytes of the canonical text, whether it is written or only checked.
    """
    fact = fact_of(text)
    with pytest.raises(TooLargeError) as checked:
        check_values(fact)
    with pytest.raises(TooLargeError) as written:
        canonical_fact(fact)

    assert (LIMIT_FACT, len(canonical(encode_fact(fact)))) == (written.value.limit, written.value.size)
    assert checked.value.size == written.value.size


def test_a_fact_just_under_the_limit_is_kept() -> None:
    """
    An estimate that is too high is measured, not believed.
    """
    fact = fact_of("x" * (LIMIT_FACT - 1000))
    check_values(fact)

    assert len(canonical_fact(fact)) <= LIMIT_FACT


def laughs() -> Any:
    """A list of ten lists of ten lists …: it takes no room, and nobody can walk it."""
    value: Any = "ha"
    for _ in range(24):
        value = [value] * 10
    return value


# What is small to hand in and large to walk or to write, made when it is needed.
BOMBS = {
    "lists": laughs,
    "number": lambda: 10**1_000_000,
    "text": lambda: "x" * 8_000_000,
    "key": lambda: {"k" * 8_000_000: 1},
    "items": lambda: ["x"] * 1_000_000,
    "keys": lambda: {str(number): 0 for number in range(200_000)},
    "members": lambda: set(range(300_000)),
}


@over_cases("bomb", BOMBS)
def test_what_exhausts_a_reader_is_refused(bomb: str) -> None:
    """
    A value that is far too large is refused as soon as that can be seen, with its path, and not shown whole.
    """
    with pytest.raises((InvalidValueError, TooLargeError)) as caught:
        check_values(fact_of(BOMBS[bomb]()))

    assert len(str(caught.value)) < 500
