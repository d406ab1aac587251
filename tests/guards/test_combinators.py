"""
Three-valued logic over guards, held against a table.
"""

from __future__ import annotations

from itertools import product

import attrs
import pytest
from hypothesis import given, settings, strategies as st

import salesflow as sf
from salesflow import Verdict
from salesflow.errors import DefinitionError, InputError
from salesflow.guards import (
    COMBINATOR_CODES,
    all_of,
    any_of,
    at_least,
    failed,
    fields_present,
    join,
    none_of,
    passed,
    unknown,
    warned,
)
from salesflow.typing import GuardSpec, GuardUse, Label, Remedy

from ..cases import over_cases


MAKE = {
    "pass": passed,
    "fail": lambda: failed("x"),
    "unknown": lambda: unknown("x"),
    "skipped": lambda: join("all_of", []),
}
STATUSES = st.sampled_from(sorted(MAKE))
WORDS = ("all_of", "any_of", "none_of")
OPPOSITE = {"pass": "fail", "fail": "pass", "unknown": "unknown", "skipped": "skipped"}
law = settings(max_examples=150, deadline=None)


def joined(word, statuses):
    return join(word, [[MAKE[status]()] for status in statuses]).status


def oracle(word, statuses):
    """Kleene's tables, by numbers: false 0, unknown 1, true 2; conjunction is the least."""
    rank = {"fail": 0, "unknown": 1, "pass": 2}
    ranks = [rank[status] for status in statuses if status != "skipped"]
    if not ranks:
        return "skipped"
    found = {"all_of": min(ranks), "any_of": max(ranks), "none_of": 2 - max(ranks)}[word]
    return ("fail", "unknown", "pass")[found]


def a(name, status="fail", *, cures=1, severity="block"):
    missing = tuple(Remedy("field", f"{name}{n}") for n in range(cures))
    spec = GuardSpec("g", name, severity, {name: Label(f"{name} is missing.", f"缺少{name}。")})
    return Verdict(spec, status, name, missing)


@over_cases("word", WORDS)
@over_cases("size", [0, 1, 2, 3])
def test_every_row_of_the_truth_tables(word, size):
    """All combinations of up to three guards agree with the tables."""
    rows = list(product(sorted(MAKE), repeat=size))

    assert [oracle(word, row) for row in rows] == [joined(word, row) for row in rows]


@law
@given(st.sampled_from(WORDS), st.lists(st.lists(STATUSES, min_size=1, max_size=3), max_size=5))
def test_a_group_is_the_conjunction_of_its_verdicts(word, groups):
    """A guard with several verdicts stands for all of them together."""
    expected = oracle(word, [oracle("all_of", group) for group in groups])

    assert expected == join(word, [[MAKE[status]() for status in group] for group in groups]).status


@law
@given(st.lists(STATUSES, max_size=6))
def test_de_morgan(statuses):
    """None of them holds where not any does; all hold where none of the opposites does."""
    opposites = [OPPOSITE[status] for status in statuses]

    assert OPPOSITE[joined("any_of", statuses)] == joined("none_of", statuses)
    assert joined("all_of", statuses) == joined("none_of", opposites)
    assert OPPOSITE[joined("all_of", statuses)] == joined("any_of", opposites)


@pytest.mark.long
@pytest.mark.untraced
@law
@given(
    st.sampled_from(WORDS),
    st.lists(STATUSES, max_size=5).flatmap(lambda row: st.tuples(st.just(row), st.permutations(row))),
)
def test_the_order_does_not_matter(word, rows):
    """Any order of the guards gives the same status."""
    row, shuffled = rows

    assert joined(word, row) == joined(word, shuffled)


@law
@given(st.sampled_from(["all_of", "any_of"]), st.lists(STATUSES, max_size=3), st.lists(STATUSES, max_size=3))
def test_nesting_does_not_matter(word, left, right):
    """Joining joined verdicts is the same as joining all at once; a lone pair of none is a double negation."""
    inner = [join(word, [[MAKE[status]()] for status in part]) for part in (left, right)]

    assert joined(word, left + right) == join(word, [[verdict] for verdict in inner]).status
    assert joined("any_of", left) == join("none_of", [[join("none_of", [[MAKE[s]()] for s in left])]]).status


@law
@given(st.sampled_from(WORDS), st.lists(STATUSES, max_size=4))
def test_a_joined_verdict_never_passes_in_silence(word, statuses):
    """A stopping answer has a declared code with both languages, and the verdicts behind it."""
    verdict = join(word, [[MAKE[status]()] for status in statuses])

    if verdict.status in ("fail", "unknown"):
        assert not COMBINATOR_CODES[verdict.code].missing()
        assert verdict.inner
    else:
        assert ("", (), ()) == (verdict.code, verdict.missing, verdict.inner)


def test_all_of_cures_everything():
    """What fails and what is unknown is to be cured, in order, each cure once."""
    verdict = join("all_of", [[a("x"), a("y", "pass")], [a("z", "unknown")], [a("x")]])

    assert ("fail", "all_of.failed") == (verdict.status, verdict.code)
    assert ["x0", "z0"] == [remedy.name for remedy in verdict.missing]
    assert ["x", "z", "x"] == [inner.code for inner in verdict.inner]


def test_any_of_cures_the_easiest_alternative():
    """The alternative with the fewest cures, the first of several."""
    verdict = join("any_of", [[a("x"), a("y")], [a("v")], [a("w")]])

    assert ("fail", "any_of.failed") == (verdict.status, verdict.code)
    assert ["v0"] == [remedy.name for remedy in verdict.missing]
    assert ["x", "y", "v", "w"] == [inner.code for inner in verdict.inner]


def test_any_of_counts_a_shared_cure_once():
    """Two verdicts with the same cure need it once."""
    verdict = join("any_of", [[a("x", cures=2)], [a("v"), a("v"), a("w", "pass")]])

    assert ["v0"] == [remedy.name for remedy in verdict.missing]


def test_any_of_leaves_hopeless_alternatives_aside():
    """A guard that nothing can cure is no easy way out."""
    hopeless = [a("x", cures=0), a("y")]

    assert ["v0", "v1"] == [r.name for r in join("any_of", [hopeless, [a("v", cures=2)]]).missing]
    assert () == join("any_of", [hopeless]).missing


def test_any_of_that_cannot_be_told():
    """What fails could be cured as well as what is unknown."""
    verdict = join("any_of", [[a("x", cures=2)], [a("y", "unknown")]])

    assert ("unknown", "any_of.unknown") == (verdict.status, verdict.code)
    assert ["x", "y"] == [inner.code for inner in verdict.inner]
    assert ["y0"] == [remedy.name for remedy in verdict.missing]


def test_none_of_shows_what_holds_and_cures_nothing():
    """Adding something never makes a guard fail, so nothing is offered."""
    verdict = join("none_of", [[a("x", "pass")], [a("y")], [a("z", "unknown")]])

    assert ("fail", "none_of.failed") == (verdict.status, verdict.code)
    assert ["x"] == [inner.code for inner in verdict.inner]
    assert () == verdict.missing


def test_none_of_that_cannot_be_told():
    """Only what is unknown stands behind it."""
    verdict = join("none_of", [[a("x")], [a("y", "unknown"), a("z", "pass")]])

    assert ("unknown", "none_of.unknown") == (verdict.status, verdict.code)
    assert ["y"] == [inner.code for inner in verdict.inner]


@over_cases("warning", [warned("w"), a("w", severity="warn"), a("w", "unknown", severity="warn")])
@over_cases(("word", "expected"), [("all_of", "pass"), ("any_of", "pass"), ("none_of", "fail")])
def test_a_warning_counts_as_passed(word, expected, warning):
    """It stops nothing, and stays visible."""
    verdict = join(word, [[warning]])

    assert expected == verdict.status
    assert (warning,) == verdict.inner


def test_warnings_of_a_refused_group_are_not_shown():
    """Only what decided is told."""
    verdict = join("all_of", [[a("x"), a("w", severity="warn")]])

    assert ["x"] == [inner.code for inner in verdict.inner]


@over_cases("word", WORDS)
@over_cases("status", ["pass", "fail", "unknown"])
def test_a_guard_that_only_watches_decides_nothing(word, status):
    """A shadow guard is as if it was not written, alone and beside others."""
    shadow = a("s", status, severity="shadow")

    assert "skipped" == join(word, [[shadow]]).status
    assert joined(word, ["unknown"]) == join(word, [[shadow], [unknown("x")]]).status
    assert joined(word, ["fail"]) == join(word, [[shadow], [failed("x")]]).status


def test_a_guard_without_a_verdict_objects_to_nothing():
    """An empty answer is a pass, as it is outside of combinators."""
    assert "pass" == join("all_of", [[]]).status


@over_cases(
    ("word", "groups", "en", "zh"),
    [
        (
            "all_of",
            "ff",
            "All of these must be met: x is missing / y is missing.",
            "以下条件须全部满足：缺少x / 缺少y。",
        ),
        (
            "all_of",
            "uu",
            "Cannot tell whether all of these are met: x is missing / y is missing.",
            "以下条件尚无法全部判断：缺少x / 缺少y。",
        ),
        (
            "any_of",
            "ff",
            "At least one of these must be met: x is missing / y is missing.",
            "以下条件至少须满足一项：缺少x / 缺少y。",
        ),
        (
            "any_of",
            "fu",
            "Cannot tell whether at least one is met: x is missing / y is missing.",
            "无法判断是否至少满足一项：缺少x / 缺少y。",
        ),
        (
            "none_of",
            "fu",
            "Cannot tell whether none of these holds: y is missing.",
            "无法判断以下情形是否均不成立：缺少y。",
        ),
    ],
)  # fmt: skip -- a sentence is easier to read in one piece
def test_messages(word, groups, en, zh):
    """The sentences of the inner verdicts stand in the sentence of the whole."""
    status = {"f": "fail", "u": "unknown"}
    verdict = join(word, [[a(name, status[group])] for name, group in zip("xy", groups, strict=True)])
    bound = attrs.evolve(verdict, spec=GuardSpec(word, word, codes=COMBINATOR_CODES))

    assert (en, zh) == (bound.message(), bound.message("zh"))


def test_the_message_of_none_of():
    """It names the guards that hold."""
    held = Verdict(GuardSpec("actor_has_role", "a"), "pass")
    verdict = attrs.evolve(join("none_of", [[held]]), spec=GuardSpec("none_of", "n", codes=COMBINATOR_CODES))

    assert "None of these may hold: Passed: actor_has_role." == verdict.message()
    assert "以下情形均不得成立：通过：actor_has_role。" == verdict.message("zh")


@over_cases("combinator", [all_of, any_of, none_of])
def test_combinators_make_uses(combinator):
    """In Python a combinator is a use of its name over other uses."""
    uses = (fields_present("a"), fields_present("b"))
    expected = GuardUse(combinator.__name__, guards=uses)

    assert expected == combinator(*uses)


@over_cases("size", [0, 1, 2, 3, 4])
@over_cases("count", [1, 2, 3])
def test_at_least_so_many_pass(size, count):
    """Enough that pass decide, and so do too many that fail; skipped guards are left out, and the count with them."""
    for row in product(sorted(MAKE), repeat=size):
        kept = [status for status in row if status != "skipped"]
        needed = min(count, len(kept))
        could = len(kept) - kept.count("fail")
        status = "pass" if kept.count("pass") >= needed else "fail" if could < needed else "unknown"
        found = join("at_least", [[MAKE[each]()] for each in row], count=count)

        assert (status if kept else "skipped") == found.status


def test_what_at_least_says():
    """How many have to be met and how many are; the cures are of as many more as it takes, the easiest first."""
    groups = [
        [a("one", cures=3)],
        [a("two")],
        [a("three", "pass")],
        [a("four", "unknown", cures=2)],
        [a("five", cures=0)],
    ]
    found = join("at_least", groups, count=3)
    said = Verdict(GuardSpec("at_least", "x", codes=COMBINATOR_CODES), "fail", found.code, (), found.evidence)

    assert ("fail", "at_least.failed") == (found.status, found.code)
    assert ["two0", "four0", "four1"] == [remedy.name for remedy in found.missing]
    assert {"needed": 3, "met": 1} == dict(found.evidence)
    assert "At least 3 of these must be met, 1 are; not met: ." == said.message()
    assert () == join("at_least", groups, count=5).missing
    assert "at_least.unknown" == join("at_least", groups[1:4], count=2).code


def deal(use):
    """A definition with one transition that has a use of guards."""
    return sf.Definition(
        "deal",
        fields=[sf.Field("a"), sf.Field("b"), sf.Field("c")],
        stages=[sf.Stage("open", "open"), sf.Stage("won", "won")],
        transitions=[sf.Transition("win", "open", "won", outcome="won", guards=[use])],
    )


TWO_OF_THREE = at_least(2, fields_present("a"), fields_present("b"), fields_present("c"))


def test_two_of_three_in_a_definition():
    """It is written and read as data, and decides."""
    definition = deal(TWO_OF_THREE)
    text = sf.dump_definition(definition)
    made = sf.Pipeline(sf.build_lifecycle(sf.load_definition(text=text)), actor=sf.Actor("li"))
    made.open("A deal", id="P-1", fields={"a": "x"})

    assert definition == sf.load_definition(text=text)
    assert "], count = 2 }," in text
    assert ["at_least.failed"] == [each.code for each in made.decide("P-1", "win").blocking]
    assert () == made.decide("P-1", "win", data={"c": "x"}).blocking


@over_cases("count", [0, 4, True, "2", None])
def test_at_least_says_how_many(count):
    """From one to as many as it joins; anything else is a fault with its place."""
    with pytest.raises(DefinitionError) as caught:
        sf.build_lifecycle(deal(GuardUse("at_least", {"count": count}, guards=TWO_OF_THREE.guards)))

    assert "transitions[0].guards[0].count" in str(caught.value)
    assert "Give a whole number from 1 to 3." in str(caught.value)


def test_only_at_least_takes_a_count():
    """A count elsewhere is refused, and so is any other parameter."""
    other = GuardUse("at_least", {"count": 1, "of": 2}, guards=TWO_OF_THREE.guards)
    for use in (GuardUse("any_of", {"count": 1}, guards=TWO_OF_THREE.guards), other):
        with pytest.raises(InputError, match="takes no parameters"):
            sf.dump_definition(deal(use))
    text = sf.dump_definition(deal(TWO_OF_THREE))
    for wrong in (text.replace("at_least", "any_of"), text.replace("count = 2", "count = 2, of = 3")):
        with pytest.raises(DefinitionError, match=r"count|of"):
            sf.load_definition(text=wrong)
