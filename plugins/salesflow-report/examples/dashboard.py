"""
A year of invented deals, and the dashboard of them; with a second argument also a picture, taken by Chromium.

Usage: ``python examples/dashboard.py dashboard.html [dashboard.png [LANG]]``
"""

# ruff: noqa: INP001 -- a program

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

from salesflow_report import Texts, make_page, to_html

import salesflow as sf
from salesflow.typing import Label


WAY = ("lead", "offer", "talks", "contract")
LABELS = {
    "lead": ("Lead", "线索"),
    "offer": ("Offer", "方案"),
    "talks": ("Negotiation", "谈判"),
    "contract": ("Contract", "签约"),
}
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
LIFECYCLE = sf.build_lifecycle(
    sf.Definition(
        "deal",
        fields=(
            sf.Field("owner"),
            sf.Field("customer"),
            sf.Field("amount", "money"),
            sf.Field("expected_close", "date"),
        ),
        stages=(
            *(sf.Stage(each, label=Label(*LABELS[each])) for each in WAY),
            sf.Stage("won", "won", label=Label("Won", "赢单")),
            sf.Stage("lost", "lost", label=Label("Lost", "丢单")),
        ),
        transitions=(
            *(sf.Transition(f"to_{new}", old, new) for old, new in pairwise(WAY)),
            sf.Transition("win", "contract", "won", outcome="won"),
            sf.Transition("lose", WAY, "lost", outcome="lost", kind="exit"),
        ),
    )
)


def sell(deals: int = 180) -> sf.Pipeline:
    """
    Drive deals some of the way.
    """
    random, now = Random(11), START + timedelta(days=328)  # noqa: S311 -- an example
    pipeline = sf.Pipeline(LIFECYCLE, clock=lambda: now, actor=sf.Actor("li.wei"))
    moves: list[tuple[datetime, int, str]] = []
    for number in range(deals):
        at = START + timedelta(days=1.8 * number)
        fields = {
            "owner": random.choice(("li.wei", "wang.fang", "zhao.min", "chen.jie")),
            "customer": f"customer {random.randrange(60)}",
            "amount": sf.Money(random.randrange(80, 4_000) * 1_000, "CNY"),
            "expected_close": (at + timedelta(days=90)).date(),
        }
        pipeline.open(f"Deal {number}", id=f"D-{number}", fields=fields, at=at)
        for trigger in (*(f"to_{each}" for each in WAY[1:]), "win"):
            at += timedelta(days=random.triangular(2, 40, 9))
            goes_on = random.random() < 0.8
            moves.append((at, number, trigger if goes_on else "lose"))
            if not goes_on:
                break
    for at, number, trigger in sorted(moves):
        if at < now:
            pipeline.fire(f"D-{number}", trigger, at=at)
    return pipeline


def main(page: Path, picture: str = "", lang: str = "en") -> None:
    """
    Write the dashboard, and take its picture.
    """
    page.write_text(to_html(make_page("dashboard", sell(), lang=lang), Texts.of(lang)), "utf-8")
    if picture:
        shot = [f"--screenshot={Path(picture).resolve()}", "--window-size=1180,1000", page.resolve().as_uri()]
        command = ["chromium", "--headless", "--no-sandbox", "--hide-scrollbars", *shot]
        subprocess.run(command, check=True)  # noqa: S603 -- the command is ours


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
