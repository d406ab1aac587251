"""
Mappings that refuse to change, and the faster way to fill frozen nouns.
"""

from __future__ import annotations

import copy
import pickle
from threading import Thread

import attrs
import pytest

from salesflow._lifecycle.decision import Accepted, make_accepted
from salesflow._model.commit import Append, Commit, Committed, make_append, make_commit, make_committed
from salesflow._model.facts import Fact, Transitioned, make_fact, make_transitioned
from salesflow._model.frozen import FrozenDict, freeze, noun
from salesflow._model.project import Project, Visit, make_project, make_visit
from salesflow._pipeline.results import Fired, make_fired
from salesflow.errors import InputError

from ...cases import over_cases


CHANGES = {
    "set": lambda one: one.__setitem__("a", 2),
    "delete": lambda one: one.__delitem__("a"),
    "update": lambda one: one.update(a=2),
    "setdefault": lambda one: one.setdefault("b", 2),
    "pop": lambda one: one.pop("a"),
    "popitem": lambda one: one.popitem(),
    "clear": lambda one: one.clear(),
    "or": lambda one: one.__ior__({"a": 2}),
}


@over_cases("name", CHANGES)
def test_a_frozen_dictionary_does_not_change(name):
    """
    Every way of writing into it is refused, with the way to get a changed copy.
    """
    frozen = FrozenDict(a=1)
    with pytest.raises(TypeError) as raised:
        CHANGES[name](frozen)

    assert "this mapping is part of a frozen value; build a new one with {**old, key: value}" == str(raised.value)
    assert {"a": 1} == frozen


def test_copies_of_a_frozen_dictionary():
    """
    One item more or less makes a new one, and the old one stays.
    """
    frozen = FrozenDict(a=1)

    assert ({"a": 1, "b": 2}, {"a": 3}, {}, {"a": 1}) == (
        frozen.plus("b", 2),
        frozen.plus("a", 3),
        frozen.minus("a"),
        frozen.minus("b"),
    )
    assert {"a": 1} == frozen
    assert {FrozenDict} == {type(one) for one in (frozen.plus("b", 2), frozen.minus("a"))}


def test_a_frozen_dictionary_is_a_value():
    """
    Equal ones have one hash, whatever their order, and survive copying and pickling.
    """
    one, other = FrozenDict(a=1, b=2), FrozenDict(b=2, a=1)

    assert 1 == len({one, other})
    assert [one, one] == [pickle.loads(pickle.dumps(one)), copy.deepcopy(one)]
    assert FrozenDict is type(pickle.loads(pickle.dumps(one)))


def test_freezing():
    """
    Lists become tuples, dictionaries and sets frozen ones, deeply; the rest stays.
    """
    frozen = freeze({"a": [1, {"b": {2}}], "c": "text"})

    assert {"a": (1, {"b": frozenset({2})}), "c": "text"} == frozen
    assert isinstance(hash(frozen), int)


MAKERS = {
    Project: make_project,
    Visit: make_visit,
    Fact: make_fact,
    Transitioned: make_transitioned,
    Append: make_append,
    Commit: make_commit,
    Committed: make_committed,
    Accepted: make_accepted,
    Fired: make_fired,
}


@over_cases("noun", MAKERS, ids=lambda noun: noun.__name__)
def test_a_twin_becomes_the_noun(noun):
    """
    What is filled as a twin is an instance like any other: every attribute, the defaults, equal and frozen.
    """
    fields = attrs.fields(noun)
    every = [each.name for each in fields]
    needed = [each.name for each in fields if each.default is attrs.NOTHING]
    made = MAKERS[noun](*every)
    with attrs.validators.disabled():  # a maker leaves them out
        same, least = noun(*every), noun(*needed)

    assert (noun, same, least) == (type(made), made, MAKERS[noun](*needed))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(made, every[0], 5)


def test_a_value_has_an_end():
    """
    A value that is nested deeper than any file may be is refused.
    """
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(InputError, match="nested deeper than 64 levels"):
        freeze({"a": deep})


def _classes(make):
    """The same classes, each made by *make*."""

    @make
    class Pair:
        left: int
        right: str = attrs.field(default="", repr=False)

    @make
    class Single:
        value: object

    @make
    class Empty:
        pass

    @make(slots=False)
    class Folded:
        text: str = attrs.field(eq=str.casefold)
        note: str = attrs.field(default="", eq=False)

    @make(eq=False, repr=False)
    class Itself:
        value: int

    @make
    class Own:  # noqa: PLW1641 -- on purpose
        value: int

        def __eq__(self, other):
            return True

        def __repr__(self):
            return "mine"

    @make
    class Hashed:
        value: int

        def __hash__(self):
            return 7

    one = Itself(1)
    return [
        [Pair(1, "a"), Pair(1, "a"), Pair(1, "b"), Pair(2, "a")],
        [Single(1), Single(1), Single((1,)), Single("a"), Single([])],
        [Empty(), Empty()],
        [Folded("A", "y"), Folded("a", "x"), Folded("b", "y")],
        [one, one, Itself(1)],
        [Own(1), Own(2)],
        [Hashed(1), Hashed(2)],
    ]


def _told(objects):
    """What objects of one class say of themselves: equality, hashability, and how they are shown."""

    def hashed(each):
        try:
            return hash(each)
        except TypeError:
            return None

    hashes = [hashed(each) for each in objects]
    shown = [repr(each).rsplit(".", 1)[-1] for each in objects if type(each).__repr__ is not object.__repr__]
    same = [
        (one == other, one != other, None not in hashes and one_hash == other_hash)
        for one, one_hash in zip(objects, hashes, strict=True)
        for other, other_hash in zip(objects, hashes, strict=True)
    ]
    return same, shown, [each is None for each in hashes], [each == 5 for each in objects]


def test_a_noun_is_what_attrs_makes():
    """
    Nouns compare, hash and show themselves as frozen classes of attrs do, also with keys and methods of their own.
    """
    expected = [_told(objects) for objects in _classes(attrs.frozen)]

    assert expected == [_told(objects) for objects in _classes(noun)]


FIRST_USES = {
    "init": lambda kind: kind(5).value,
    "fields": lambda kind: attrs.fields(kind).value.name,
    "match": lambda kind: kind.__match_args__,
    "equal": lambda kind: kind.__eq__(*_raw(kind, 2)),
    "hash": lambda kind: hash(_raw(kind, 1)[0]) == hash((5,)),
    "repr": lambda kind: repr(_raw(kind, 1)[0]).rpartition(".")[2],
    "state": lambda kind: _raw(kind, 1)[0].__getstate__(),
}


def _raw(kind, count):
    """Objects that no ``__init__`` has seen, as pickles make them."""
    made = [object.__new__(kind) for _ in range(count)]
    for each in made:
        object.__setattr__(each, "value", 5)
    return made


def _fresh(make, **options):
    @make(**options)
    class Fresh:
        value: int = attrs.field(eq=lambda value: (value,))

    return Fresh


@over_cases("use", FIRST_USES)
def test_a_noun_is_filled_when_it_is_first_used(use):
    """
    Whatever of a noun is used first, it does what a class of attrs does, and everything else is there from then on.
    """
    kind = _fresh(noun)
    late = vars(kind)["__init__"]

    assert FIRST_USES[use](_fresh(attrs.frozen)) == FIRST_USES[use](kind)
    init = vars(kind)["__init__"]
    late.fill()  # as a second thread does that came late
    assert (True, "value") == (vars(kind)["__init__"] is init is not late, attrs.fields(kind)[0].name)


def test_threads_that_use_a_noun_first_at_once(monkeypatch):
    """
    Each of them has attrs write for a class of its own, which attrs changes, and the fields of the first stay.
    """
    kind, given, fields, write = _fresh(noun), [], [], attrs.frozen

    def written(source, **options):
        given.append(source)
        if len(given) == 1:
            other = Thread(target=lambda: fields.append(attrs.fields(kind)))
            other.start()
            other.join()
        return write(source, **options)

    monkeypatch.setattr("attrs.frozen", written)
    fields.append(attrs.fields(kind))

    assert (2, True, True) == (len(given), given[0] is not given[1], fields[0] is fields[1] is attrs.fields(kind))


def test_a_child_of_a_noun_that_is_not_filled():
    """
    A child with methods of its own gets those of the noun by ``super()``, also when they are used for the first time.
    """
    kind, other = _fresh(noun), _fresh(noun)

    class Child(kind):
        def __init__(self, *values):
            super().__init__(sum(values))

    class Shown(other):
        def __repr__(self):
            return f"<{super().__repr__().rpartition('.')[2]}>"

    shown = object.__new__(Shown)
    object.__setattr__(shown, "value", 5)

    assert (3, "<Shown(value=5)>") == (Child(1, 2).value, repr(shown))


def test_changed_copies_are_made_by_every_noun():
    """
    What ``copy.replace`` asks for is there before a noun is filled, wherever attrs has it.
    """
    assert hasattr(_fresh(attrs.frozen), "__replace__") is hasattr(_fresh(noun), "__replace__")


def test_a_noun_with_a_dictionary_keeps_no_default_as_attribute():
    """
    A default is no attribute of the class, before its first use and afterwards; the words of attrs are passed on.
    """
    kind = _fresh(noun, slots=False, kw_only=True)
    before = hasattr(kind, "value")

    assert (False, 5, False) == (before, kind(value=5).value, hasattr(kind, "value"))


def test_a_noun_shows_what_is_not_as_by_default():
    """
    What is as by default is left out, and nothing that merely equals it.
    """

    @noun
    class Part:
        id: str
        count: int = 0
        names: tuple[str, ...] = ()

    shown = [repr(each).partition("<locals>.")[2] for each in (Part("a"), Part("a", 0.0), Part("a", 0, ("b",)))]

    assert ["Part(id='a')", "Part(id='a', count=0.0)", "Part(id='a', names=('b',))"] == shown
