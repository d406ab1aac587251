"""A lifecycle with every kind of move and no gates, and pipelines that were driven through it at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from salesflow import Actor, Lifecycle, Money, Pipeline, load_lifecycle
from salesflow.typing import Store


TEXT = """
id = "selling"
version = "1"
time_zone = "Asia/Shanghai"
outcomes = ["undecided", "won", "lost", { id = "dropped", class = "no_decision" }, "terminated"]

[[fields]]
id = "amount"
type = "money"
[[fields]]
id = "owner"
[[fields]]
id = "customer"
[[fields]]
id = "product"
[[fields]]
id = "source"
[[fields]]
id = "market"
[[fields]]
id = "expected_close"
type = "date"

[[stages]]
id = "lead"
probability = 0.1
forecast = "pipeline"
[[stages]]
id = "offer"
phase = "selling"
probability = 0.4
forecast = "best_case"
[[stages]]
id = "talks"
phase = "selling"
probability = 0.7
forecast = "commit"
[[stages]]
id = "delivery"
[[stages]]
id = "paused"
kind = "hold"
[[stages]]
id = "gone"
kind = "lost"
[[stages]]
id = "done"
kind = "closed"

[[transitions]]
id = "offer"
source = "lead"
target = "offer"
[[transitions]]
id = "negotiate"
source = "offer"
target = "talks"
[[transitions]]
id = "straight"
source = "lead"
target = "talks"
[[transitions]]
id = "again"
source = "talks"
target = "offer"
kind = "loop"
guards = [ { use = "loop_budget", transition = "again", max = 9 } ]
[[transitions]]
id = "win"
source = "talks"
target = "delivery"
outcome = "won"
[[transitions]]
id = "finish"
source = "delivery"
target = "done"
[[transitions]]
id = "terminate"
source = "delivery"
target = "done"
outcome = "terminated"
[[transitions]]
id = "lose"
source = ["lead", "offer", "talks"]
target = "gone"
outcome = ["lost", "dropped"]
kind = "exit"
[[transitions]]
id = "pause"
source = ["lead", "offer", "talks", "delivery"]
target = "paused"
kind = "hold"
[[transitions]]
id = "resume"
source = "paused"
target = "$previous"
kind = "resume"
[[transitions]]
id = "give_up"
source = "paused"
target = "gone"
outcome = "lost"
kind = "exit"
[[transitions]]
id = "reopen"
source = "gone"
target = "talks"
outcome = "undecided"
kind = "reopen"
"""
LIFECYCLE = load_lifecycle(text=TEXT)
START = datetime(2025, 11, 3, 9, tzinfo=UTC)
AUTHOR = Actor("zhang.min")
OWNERS, CUSTOMERS = ("li.wei", "wang.fang", "zhao"), ("Acme", "Bolt", "Cobalt", "Delta", "Ember")


def sell(
    seed: int,
    *,
    projects: int = 12,
    store: Store | None = None,
    steps: int = 9,
    listening: Callable[[Pipeline, datetime], None] | None = None,
    lifecycle: Lifecycle = LIFECYCLE,
) -> tuple[Pipeline, Sequence[datetime]]:
    """
    Drive projects through the lifecycle at random, and return the pipeline and the times of its writes.

    Some facts are backfilled; *listening* is called after each round of writes.
    """
    random, now = Random(seed), [START]
    pipeline = Pipeline(lifecycle, store=store, clock=lambda: now[0], actor=AUTHOR)
    times = [START]
    ids: list[str] = []

    def change(project_id: str) -> None:
        field = random.choice(("amount", "owner", "customer"))
        values = {
            "amount": Money(random.randint(1, 9_999), "CNY"),
            "owner": random.choice(OWNERS),
            "customer": random.choice(CUSTOMERS),
        }
        back = random.random() < 0.2
        earlier = max(now[0] - timedelta(hours=random.randint(0, 90)), pipeline.get(project_id).opened_at)
        pipeline.update(project_id, {field: values[field]}, at=earlier if back else None, backfill=back)

    for _ in range(projects * steps):
        now[0] += timedelta(minutes=random.randint(1, 3_000))
        times.append(now[0])
        if (len(ids) < projects and random.random() < 0.3) or not ids:
            fields = {
                "amount": Money(random.randint(1, 9_999), "CNY"),
                "owner": random.choice(OWNERS),
                "customer": random.choice(CUSTOMERS),
                "source": random.choice(("web", "fair")),
                "expected_close": (now[0] + timedelta(days=random.randint(1, 90))).date(),
            }
            kept = {name: value for name, value in fields.items() if random.random() < 0.9}
            ids.append(pipeline.open("deal", id=f"d{len(ids) + 1}", fields=kept).id)
            continue
        project_id = random.choice(ids)
        if random.random() < 0.3 and pipeline.get(project_id).stage not in {"gone", "done"}:
            change(project_id)
            continue
        options = pipeline.options(project_id)
        if options:
            trigger = random.choice(options).trigger
            outcome = random.choice(("lost", "dropped")) if trigger == "lose" else None
            pipeline.fire(project_id, trigger, outcome=outcome)
        if listening is not None:
            listening(pipeline, now[0])
    return pipeline, times
