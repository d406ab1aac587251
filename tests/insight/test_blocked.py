"""What holds up the open projects, against the options of each, and that unchanged projects are not decided again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Money, Pipeline, build_lifecycle, load_lifecycle
from salesflow.errors import UnknownProjectError
from salesflow.insight import Blocked, Portfolio

from .selling import AUTHOR, LIFECYCLE, START, sell
from .test_process import GATED, attempt


SIGNED = load_lifecycle(
    text="""
id = "signed"
version = "1"
[[fields]]
id = "amount"
type = "money"
[[fields]]
id = "owner"
[[stages]]
id = "offer"
[[stages]]
id = "paused"
kind = "hold"
[[stages]]
id = "done"
kind = "won"
[[stages]]
id = "gone"
kind = "lost"
[[transitions]]
id = "sign"
label = { en = "Sign", zh = "签约" }
source = "offer"
target = "done"
outcome = "won"
guards = [
  { use = "approval", name = "price", roles = ["sales_director", "lawyer"], binds = ["amount"], id = "price" },
  { use = "fields_present", fields = ["owner"], id = "owner" },
  { use = "min_time_in_stage", days = 3, id = "cool_off" },
  { use = "actor_has_role", roles = ["signatory"], id = "signatory" },
]
[[transitions]]
id = "pause"
source = "offer"
target = "paused"
kind = "hold"
[[transitions]]
id = "resume"
source = "paused"
target = "$previous"
kind = "resume"
[[transitions]]
id = "lose"
source = ["offer", "paused"]
target = "gone"
outcome = "lost"
kind = "exit"
"""
)


def shown(blocked: Blocked) -> Mapping[tuple[str, Sequence[str]], tuple[int, Money | None, Sequence[str]]]:
    """Guard and turn of each hurdle, with what is behind it."""
    return {
        (hurdle.guard, hurdle.turn): (held.n, held.amount, tuple(held.evidence))
        for hurdle, held in blocked.by_hurdle.items()
    }


def signing() -> tuple[Pipeline, list[Any]]:
    """Two offers, one of them on hold, and one that was lost."""
    now = [START]
    pipeline = Pipeline(SIGNED, clock=lambda: now[0], actor=AUTHOR)
    for name, amount in (("big", 900), ("small", 100), ("lost", 5), ("paused", 7)):
        pipeline.open(name, id=name, fields={"amount": Money(amount, "CNY")})
    pipeline.fire("lost", "lose")
    pipeline.fire("paused", "pause")
    return pipeline, now


def test_versions_that_ask_for_the_same_are_counted_together():
    """A guard of two versions of a lifecycle is one hurdle, with the projects of both behind it."""
    newer = build_lifecycle(attrs.evolve(SIGNED.definition, version="2"))
    pipeline = Pipeline([SIGNED, newer], clock=lambda: START, actor=AUTHOR)
    for name, lifecycle in (("old", SIGNED), ("new", newer)):
        pipeline.open(name, id=name, fields={"amount": Money(5, "CNY")}, lifecycle=lifecycle)
    found = shown(Portfolio.of(pipeline).blocked())

    assert {(2, Money(10, "CNY"), ("old", "new"))} == set(found.values())


def test_each_guard_has_its_projects_their_amount_and_whose_turn_it_is():
    """Approvers, owner, a role and time: each waits for somebody else; what can be resumed is held up by nobody."""
    pipeline, now = signing()
    portfolio = Portfolio.of(pipeline)
    blocked = portfolio.blocked()
    assert (blocked.n, blocked.ready, blocked.skipped) == (2, 1, 0)
    both = 2, Money(1_000, "CNY"), ("big", "small")
    assert shown(blocked) == {
        ("price", ("role:sales_director", "role:lawyer")): both,
        ("owner", ("owner",)): both,
        ("cool_off", ("time",)): both,
        ("signatory", ("role:signatory",)): both,
    }
    assert {turn: held.n for turn, held in blocked.by_turn.items()} == {
        "owner": 2,
        "role:lawyer": 2,
        "role:sales_director": 2,
        "role:signatory": 2,
        "time": 2,
    }
    assert [(trigger, verdict.spec.use_id) for trigger, verdict in blocked.of("big")] == [
        ("sign", "price"),
        ("sign", "owner"),
        ("sign", "cool_off"),
        ("sign", "signatory"),
    ]
    assert (blocked.of("paused"), blocked.of("lost")) == ((), ())
    with pytest.raises(UnknownProjectError):
        blocked.of("nobody")
    pipeline.update("big", {"owner": "li.wei"})
    now[0] += timedelta(days=4)
    portfolio.refresh()
    assert {key[0]: tuple(each[2]) for key, each in shown(portfolio.blocked()).items()} == {
        "price": ("big", "small"),
        "signatory": ("big", "small"),
        "owner": ("small",),
    }


def test_it_is_read_in_both_languages():
    """A line a guard, with the label of the transition, the amount and whose turn it is."""
    pipeline, _ = signing()
    blocked = Portfolio.of(pipeline).where({"amount": {"ge": Money(500, "CNY")}}).blocked()
    assert sorted(blocked.text().splitlines()) == [
        "Sign: approval: price: projects 1, 900 CNY; role sales director, role lawyer",
        "Sign: fields filled in: owner: projects 1, 900 CNY; the owner",
        "Sign: role of whoever acts: projects 1, 900 CNY; role signatory",
        "Sign: shortest time in the stage: projects 1, 900 CNY; nothing but time",
    ]
    assert "签约：审批：价格：1 个项目，900 CNY；角色 销售总监、角色 lawyer" in blocked.text("zh").splitlines()


@pytest.mark.untraced
@given(st.integers(0, 10_000))
def test_it_agrees_with_the_options_of_each_project(seed: int):
    """A project is held up where none of its forward moves is allowed, by everything that blocks these."""
    pipeline = attempt(seed)
    nobody = Actor("-")
    expected: dict[str, set[str]] = {}
    ready: set[str] = set()
    for project in pipeline.all():
        options = [
            each for each in pipeline.options(project.id, actor=nobody) if each.trigger in {"go", "note", "resume"}
        ]
        if any(each.status == "allowed" for each in options) or not options:
            ready |= {project.id} if project.outcome == "undecided" else set()
        else:
            expected[project.id] = {
                verdict.spec.use_id for each in options for verdict in each.verdicts if verdict.blocks
            }
    blocked = Portfolio.of(pipeline).blocked()
    assert (blocked.n, blocked.ready) == (len(expected), len(ready))
    assert {name: {verdict.spec.use_id for _, verdict in blocked.of(name)} for name in expected} == expected


@given(st.integers(0, 10_000))
def test_reading_on_finds_what_reading_again_finds(seed: int):
    """After more facts a portfolio that kept its answers says the same as one that is folded from nothing."""
    growing: list[Portfolio] = []

    def follow(pipeline: Pipeline, _: Any) -> None:
        if not growing:
            growing.append(Portfolio.of(pipeline))
        elif len(pipeline.store.feed(limit=10_000).facts) % 9 == 0:
            growing[0].refresh()
            assert growing[0].blocked() == Portfolio.of(pipeline).blocked()

    sell(seed, projects=6, listening=follow)


def test_it_looks_at_a_time_in_the_past_as_well():
    """As of a day before the owner was filled in, the owner is missing."""
    pipeline, now = signing()
    then = now[0]
    now[0] += timedelta(days=1)
    pipeline.update("big", {"owner": "li.wei"})
    past = Portfolio.of(pipeline, as_of=then).blocked()
    assert ("owner", ("owner",)) in shown(past)
    assert shown(past)["owner", ("owner",)][0] == 2


def test_a_lifecycle_that_the_pipeline_has_not_is_left_out():
    """Projects of another lifecycle in the same store are counted as left out."""
    pipeline, _ = signing()
    other = Pipeline(GATED, store=pipeline.store, clock=lambda: START, actor=AUTHOR)
    other.open("other", id="other")
    blocked = Portfolio.of(pipeline, zone="UTC").blocked()
    assert (blocked.n, blocked.ready, blocked.skipped) == (2, 1, 1)
    assert Portfolio.of(Pipeline(LIFECYCLE, clock=lambda: START)).blocked().n == 0


def test_who_declined_is_asked_again_and_a_guard_without_remedy_waits_for_the_owner():
    """A declined approval waits for the person who declined it; what names no remedy is the owner's business."""
    lifecycle = load_lifecycle(
        text="""
        id = "plain"
        version = "1"
        [[stages]]
        id = "offer"
        [[stages]]
        id = "done"
        kind = "won"
        [[transitions]]
        id = "sign"
        source = "offer"
        target = "done"
        guards = [
          { use = "approval", name = "price", roles = ["lawyer"], id = "price" },
          { none_of = [ { use = "loop_budget", transition = "sign", max = 5 } ], id = "never" },
        ]
        """
    )
    pipeline = Pipeline(lifecycle, clock=lambda: START, actor=Actor("zhao", roles=("lawyer",)))
    pipeline.open("deal", id="d")
    pipeline.decline("d", "price", comment="too cheap")
    turns = {hurdle.guard: hurdle.turn for hurdle in Portfolio.of(pipeline).blocked().by_hurdle}
    assert turns == {"price": ("zhao",), "never": ("owner",)}
