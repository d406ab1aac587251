"""
A definition with one of everything that can be changed, and commands that stand for test runs.
"""

from __future__ import annotations

from functools import cache

from salesflow.testing.mutation import mutants


BIDS = {
    "id": "bids",
    "stages": [
        {"id": "bid", "tasks": [{"id": "prices", "within": "3d", "mandatory": True}, {"id": "call"}]},
        {"id": "won", "kind": "won"},
    ],
    "transitions": [{"id": "win", "source": "bid", "target": "won"}],
}
"""A definition with tasks, so that the deal keeps its few mutants."""

DEAL = """\
schema = 1
id = "deal"
outcomes = ["undecided", "won", "lost", "no_decision"]
fields = [
  { id = "owner" }, { id = "amount", type = "money" }, { id = "region" }, { id = "since", type = "date" },
  { id = "hot", type = "bool" }, { id = "note" }, { id = "rate", type = "number" },
]

[[stages]]
id = "talk"
kind = "open"
deadlines = [ { id = "rot", after = "14d", effects = [ { use = "notify", to = ["owner"] } ] } ]

[[stages]]
id = "offer"

[[stages]]
id = "won"
kind = "won"

[[stages]]
id = "lost"
kind = "lost"

[[transitions]]
id = "fast"
trigger = "go"
source = ["talk"]
target = "offer"
guards = [
  { use = "fields_present", fields = ["owner", "amount"], when = { hot = true } },
  { use = "fields_present", fields = ["region"], when = { not = { hot = true } }, severity = "warn" },
  { any_of = [ { use = "actor_has_role", roles = ["boss"] },
               { use = "field_compare", field = "amount", op = "le", value = "1000 CNY" } ], override = true },
  { use = "approval", name = "start", quorum = 2, roles = ["lead", "boss"], distinct_from = "owner" },
]
effects = [ { use = "notify", to = ["team"] } ]

[[transitions]]
id = "slow"
trigger = "go"
source = ["talk"]
target = "offer"
guards = [
  { use = "roles_filled", roles = { lead = 1 } },
  { use = "resources_allocated", kinds = ["people"], min_ratio = 0.8 },
]

[[transitions]]
id = "stay"
source = ["offer"]
target = "$same"
kind = "loop"
guards = [
  { use = "feedback_collected", sources = ["customer"], allow_declined = true },
  { use = "field_compare", field = "since", op = "eq", value = 2026-03-02 },
]
effects = [ { use = "create_task", title = "Call", due_days = 3 } ]

[[transitions]]
id = "win"
source = ["offer"]
target = "won"
outcome = "won"
guards = [ { none_of = [ { use = "reason_given", field = "region", note = "note" } ] } ]
effects = [ { use = "set_field", field = "hot", value = false }, { use = "notify", to = ["owner", "team"] } ]

[[transitions]]
id = "lose"
source = ["talk", "offer"]
target = "lost"
kind = "exit"
outcome = ["lost", "no_decision"]

[[transitions]]
id = "again"
source = ["won", "lost"]
kind = "spawn"
spawn = { lifecycle = "deal", carry = ["owner"] }

[[transitions]]
id = "cancel"
source = "*"
except = ["offer"]
target = "lost"
kind = "exit"
guards = [ { rules = "ready", when = { hot = true } } ]
effects = [ { use = "clear_fields", fields = ["note"], when = { hot = true } } ]

[rules.ready]
guards = [ { use = "reason_given", field = "note" } ]

[[cadences]]
id = "report"
every = "weekly on fri 17:00"
met_by = { entry = "status_report" }
on_missed = [ { use = "notify", to = ["owner"] } ]

[[cadences]]
id = "training"
"""


@cache
def mutants_of_deal():
    """
    The mutants of the deal, by id; made once for all files, when the first test needs them.
    """
    return {one.id: one for one in mutants(DEAL)}


def shell(script):
    """
    A command whose run is ready for its mutant, reads it, and then does what the script says.

    ``$name`` is ``original``, or the number of the mutant among those that can be built.
    """
    ready = 'name=${SALESFLOW_MUTANT##*/}; printf "planted \\nreached \\n" >> "$SALESFLOW_MUTANT/proof.txt"'
    return ["sh", "-c", f"{ready}\n{script}"]
