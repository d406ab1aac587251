"""
A model fitted from a store's own closed projects, saved, loaded, and used to score an open project.
"""

# ruff: noqa: INP001, T201 -- a program that prints

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from salesflow_sklearn import fit_records, load, save

from salesflow import Actor, Pipeline, build_lifecycle
from salesflow.scores import closed_records


DEFINITION = """
schema = 1
id = "short_deal"
outcomes = ["undecided", "won", "lost"]

[[fields]]
id = "budget"
type = "choice"
choices = ["Yes", "No", "Unknown"]

[[fields]]
id = "source"
type = "choice"
choices = ["Referral", "Fair"]

[[stages]]
id = "offer"
kind = "open"

[[stages]]
id = "won"
kind = "won"

[[stages]]
id = "lost"
kind = "lost"

[[transitions]]
id = "win"
source = ["offer"]
target = "won"
outcome = "won"

[[transitions]]
id = "lose"
source = ["offer"]
target = "lost"
kind = "exit"
outcome = "lost"
"""
FEATURES = ("budget", "source")
PAST = (
    *[("Yes", "Referral", "win")] * 18,
    *[("Yes", "Fair", "win")] * 9,
    *[("Yes", "Fair", "lose")] * 6,
    *[("No", "Fair", "lose")] * 15,
    *[("Unknown", "Fair", "lose")] * 6,
    *[("Unknown", "Referral", "win")] * 4,
    *[("No", "Referral", "win")] * 2,
)


def main() -> None:
    """
    Close some deals, learn from them, and score a new one.
    """
    began = datetime(2026, 1, 5, 9, tzinfo=UTC)
    lifecycle = build_lifecycle(DEFINITION)
    pipeline = Pipeline(lifecycle, actor=Actor("li.wei"))
    for day, (budget, source, end) in enumerate(PAST):
        at = began + timedelta(days=day)
        deal = pipeline.open(f"Deal {day}", at=at, fields={"budget": budget, "source": source})
        pipeline.fire(deal.id, end, at=at + timedelta(hours=8))
    records = closed_records(pipeline.histories(), lifecycle.stages, features=FEATURES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "win.json"
        digest = save(fit_records(records, FEATURES), path)
        model = load(path, digest=digest)
    later = began + timedelta(days=100)
    acting = Pipeline(lifecycle, store=pipeline.store, actor=Actor("li.wei"), scorers=[model], clock=lambda: later)
    deal = acting.open("Metro line 5", fields={"budget": "Unknown", "source": "Referral"})
    [score] = acting.score(deal.id)
    print(f"{score.name}: {score.value:.0f} of {score.high:.0f}, from {score.n} closed deals")
    for part in score.contributions:
        print(f"  {part.factor}: {part.value or 'the average deal'} {part.share:+.2f}")


if __name__ == "__main__":
    main()
