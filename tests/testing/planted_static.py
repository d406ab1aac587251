"""
Lifecycles with one planted fault each, all of which can be built; the proofs on the graph find them.

Guards and plugins with planted faults are in ``planted_guards.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from salesflow import Definition, Lifecycle, Stage, Transition, build_lifecycle, guards
from salesflow.testing import (
    assert_always_before,
    assert_exits,
    assert_never,
    assert_reachable,
    assert_rules,
    rules,
)


LEAD, OFFER, CONTRACT, DELIVERY = Stage("lead", "open"), Stage("offer"), Stage("contract"), Stage("delivery")
WON, LOST, PAUSED = Stage("won", "won"), Stage("lost", "lost"), Stage("paused", "hold")

GO = (
    Transition("make_offer", "lead", "offer"),
    Transition("sign", "offer", "contract"),
    Transition("deliver", "contract", "delivery"),
    Transition("finish", "delivery", "won"),
    Transition("lose", ("lead", "offer"), "lost", kind="exit"),
)
HOLD = (
    Transition("pause", ("lead", "offer"), "paused", kind="hold"),
    Transition("resume", "paused", "$previous", kind="resume"),
)
APPROVED = guards.approval("deal", roles=("sales_director",))


@attrs.frozen
class Planted:
    """
    A fault: how it is looked for, where it is, where it is not, and what the message must say.
    """

    what: str
    find: Callable[[Lifecycle], None]
    faulty: Lifecycle
    sound: Lifecycle
    says: str


def build(*transitions: Transition, more: tuple[Stage, ...] = ()) -> Lifecycle:
    """Build the usual lifecycle, with some of its transitions replaced or added."""
    edges = {one.id: one for one in (*GO, *transitions)}
    stages = (LEAD, OFFER, CONTRACT, DELIVERY, WON, LOST, *more)
    return build_lifecycle(Definition("planted", stages=stages, transitions=tuple(edges.values())))


def concluded(*allowed: str) -> Lifecycle:
    """A lifecycle that closes by outcome; *allowed* are the outcomes that it may be closed with."""
    return build_lifecycle(
        Definition(
            "concluded",
            stages=(LEAD, Stage("closing"), WON, LOST),
            transitions=(
                Transition(
                    "conclude",
                    "lead",
                    "closing",
                    outcome=("won", "lost"),
                    guards=(guards.outcome_set("won", "lost"),),
                ),
                Transition("cancel", "lead", "closing", kind="exit", outcome="cancelled"),
                Transition("close_won", "closing", "won", guards=(guards.outcome_set("won"),)),
                Transition("close_lost", "closing", "lost", guards=(guards.outcome_set(*allowed),)),
            ),
        )
    )


ENTER_AUDIT = Transition("inspect", "offer", "audit")
AUDIT = (
    Stage("audit"),
    PAUSED,
)
LEAVE_AUDIT = Transition("acquit", "audit", "offer")
HOLD_AUDIT = Transition("pause", ("offer", "audit"), "paused", kind="hold")

PLANTED = (
    Planted(
        "a stage that only a resume leads to, from a hold that nobody enters from it",
        lambda lifecycle: assert_reachable(lifecycle, "audit"),
        build(HOLD_AUDIT, HOLD[1], LEAVE_AUDIT, more=AUDIT),
        build(HOLD_AUDIT, HOLD[1], LEAVE_AUDIT, ENTER_AUDIT, more=AUDIT),
        "'paused' is never entered from 'audit'",
    ),
    Planted(
        "a shortcut past a stage that nobody may skip",
        lambda lifecycle: assert_always_before(lifecycle, "contract", "delivery"),
        build(Transition("rush", "offer", "delivery")),
        build(),
        "lead --make_offer--> offer --rush--> delivery",
    ),
    Planted(
        "an end that is reached without the approval that its other ways ask for",
        lambda lifecycle: assert_always_before(lifecycle, "guard:approval", "won"),
        build(
            Transition("finish", "delivery", "won", guards=(APPROVED,)), Transition("win", "offer", "won", kind="exit")
        ),
        build(Transition("finish", "delivery", "won", guards=(APPROVED,))),
        "lead --make_offer--> offer --win--> won",
    ),
    Planted(
        "an approval that does not always apply",
        lambda lifecycle: assert_always_before(lifecycle, "guard:approval", "won"),
        build(Transition("finish", "delivery", "won", guards=(APPROVED.but(severity="warn"),))),
        build(Transition("finish", "delivery", "won", guards=(APPROVED,))),
        "--finish--> won",
    ),
    Planted(
        "a candidate behind one that is always taken",
        lambda lifecycle: assert_reachable(lifecycle, "refer"),
        build(Transition("refer", "offer", "lead", kind="loop", trigger="sign")),
        build(
            Transition("sign", "offer", "contract", guards=(APPROVED,)),
            Transition("refer", "offer", "lead", kind="loop", trigger="sign"),
        ),
        "an earlier candidate of 'sign' without a blocking guard is always taken",
    ),
    Planted(
        "no way to an end but to give up",
        lambda lifecycle: assert_exits(lifecycle, without="lose"),
        build(
            Transition("redo", "delivery", "contract", kind="loop"),
            Transition("lose", ("lead", "offer", "contract", "delivery"), "lost", kind="exit"),
            Transition("finish", "offer", "won"),
        ),
        build(),
        "from 'contract' no way leads to lost or won, but to delivery",
    ),
    Planted(
        "an outcome with which nothing can be closed",
        assert_exits,
        concluded("lost"),
        concluded("lost", "cancelled"),
        "lead --cancel--> closing [cancelled]",
    ),
    Planted(
        "a lost deal that comes back where it must not",
        lambda lifecycle: assert_never(lifecycle, "delivery", after="lost"),
        build(Transition("reopen", "lost", "contract", kind="reopen")),
        build(),
        "--lose--> lost [lost] --reopen--> contract --deliver--> delivery",
    ),
    Planted(
        "a check that is not repeated after the work was done again",
        lambda lifecycle: assert_always_before(lifecycle, "sign", "delivery", since="offer"),
        build(
            Transition("rework", ("contract", "delivery"), "offer", kind="loop"),
            Transition("skip", "offer", "delivery", guards=(APPROVED,)),
        ),
        build(Transition("rework", ("contract", "delivery"), "offer", kind="loop")),
        "--skip--> delivery",
    ),
    Planted(
        "a loop that may be taken without limit",
        lambda lifecycle: assert_rules(lifecycle, rules.at_most(2, "revise")),
        build(Transition("revise", "offer", "lead", kind="loop", guards=(guards.loop_budget("revise", 3),))),
        build(Transition("revise", "offer", "lead", kind="loop", guards=(guards.loop_budget("revise", 2),))),
        "'revise' at most 2 time(s)",
    ),
    Planted(
        "a duty that nobody comes back to before the end",
        lambda lifecycle: assert_rules(lifecycle, rules.always_after("sign", "deliver", before=("won", "lost"))),
        build(Transition("drop", "contract", "lost", kind="exit")),
        build(),
        "--sign--> contract --drop--> lost",
    ),
    Planted(
        "a stage that only a hold interrupts, and nothing ends",
        lambda lifecycle: assert_rules(lifecycle, rules.eventually_left("won")),
        build(),
        build(Transition("reopen", "won", "lead", kind="reopen")),
        "from here nothing leads out of it",
    ),
)
