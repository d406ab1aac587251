"""
What a user's type checker must see. Checked by ``make check``, never run.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import assert_type

import salesflow as sf
from salesflow import dossier, guards, risks, scores
from salesflow.guards import Guard
from salesflow.results import Contribution, MovedEntry, Option, Score, WatchReport, Written
from salesflow.risks import Level, RiskReport
from salesflow.scores import Evaluation, NaiveBayes, Norms, Record
from salesflow.stores import JournalStore, MemoryStore
from salesflow.typing import AdviceContext, AdviceUse, Check, Context, GuardUse, Label, Remedy, Scorer, Store


use = guards.fields_present("amount")
assert_type(use, GuardUse)
assert_type(use.but(severity="warn"), GuardUse)
assert_type(guards.any_of(use, guards.actor_has_role("ceo")), GuardUse)

definition = sf.Definition(
    "my_deal",
    fields=[sf.Field("amount", "money", label={"en": "Amount", "zh": "金额"})],
    stages=[sf.Stage("qualify"), sf.Stage("won", "won", probability=1.0)],
    transitions=[sf.Transition("win", "qualify", "won", guards=[use])],
)
lifecycle = sf.build_lifecycle(definition)
assert_type(lifecycle, sf.Lifecycle)
assert_type(sf.check_definition(definition).ok, bool)
assert_type(sf.dump_definition(definition, format="json"), str)

store: Store = MemoryStore()
with JournalStore("sales") as journal:
    store = journal

pipeline = sf.Pipeline(lifecycle, store=store, clock=lambda: datetime.now(UTC))
acting = pipeline.acting(sf.Actor("li.wei", roles={"project_lead"}))
assert_type(acting, sf.Pipeline)

project = acting.open("Core network upgrade", fields={"amount": sf.Money("1200000", "CNY")})
assert_type(project, sf.Project)
assert_type(project.all(dossier.Risk), tuple[dossier.Risk, ...])
assert_type(acting.add(project.id, dossier.Artefact("project_charter", digest="sha256:1")), Written)
assert_type(acting.history(project.id), tuple[sf.Fact, ...])
assert_type(acting.find(stage="qualify"), list[sf.Project])
assert_type(acting.options(project.id), tuple[Option, ...])

decision = acting.decide(project.id, "win")
match decision:
    case sf.Accepted():
        assert_type(decision.target, str)
    case sf.Refused():
        assert_type(decision.missing, tuple[Remedy, ...])
assert_type(decision.blocking, tuple[sf.Verdict, ...])

fired = acting.fire(project.id, "win")
assert_type(fired.project, sf.Project)
assert_type(fired.decision, sf.Accepted | None)


assert_type(scores.meddpicc(), AdviceUse)
assert_type(scores.weighted({"meddpicc": 2.0}, partial=True), AdviceUse)
advice = acting.score(project.id, norms=acting.norms())
assert_type(advice, tuple[Score, ...])
assert_type(advice[0].value, float | None)
assert_type(advice[0].contributions, tuple[Contribution, ...])
assert_type(advice[0].message("zh"), str)
assert_type(acting.norms(), Norms)

records = scores.closed_records(acting.histories(), lifecycle.stages, features=["owner"])
assert_type(records, tuple[Record, ...])
model = scores.fit_naive_bayes(records, ["qualify"], features=["owner"])
assert_type(model, NaiveBayes)
assert_type(scores.back_test(records, ["qualify"]), Evaluation)
scored = sf.Pipeline(lifecycle, scorers=[model])


def size(ctx: AdviceContext) -> Score:
    """
    A scorer of a host's own.
    """
    return Score("size", float(len(ctx.project.fields)), high=10.0)


mine: Scorer = size


assert_type(risks.rotting(days=14), AdviceUse)
assert_type(risks.make_matrix().level(4, 5), Level)
report = acting.risks(project.id, norms=acting.norms())
assert_type(report, RiskReport)
assert_type(report.level, Level | None)
assert_type(report.open, tuple[dossier.Risk, ...])
moved = acting.move_entry(project.id, "risk", "delay", "assess_risk", data={"probability": 4, "impact": 3})
assert_type(moved, MovedEntry)
assert_type(moved.decision, sf.Accepted | None)
assert_type(acting.entry_options(project.id, "risk", "delay"), tuple[Option, ...])
watched = acting.watch(project.id)
assert_type(watched, WatchReport)
assert_type(watched.written, Written | None)


@guards.guard("my.rule", codes={"my.no": Label(en="No.", zh="不行。")})
def my_rule(field: str, *, least: int = 1) -> Check:
    """
    A guard of a host's own.
    """

    def check(ctx: Context) -> sf.Verdict:
        return guards.passed() if ctx.project.fields.get(field) else guards.failed("my.no", Remedy("field", field))

    return check


assert_type(my_rule("amount", least=2), GuardUse)
rules: tuple[Guard[[str]], ...] = ()


class Plugin:
    """
    A plugin of a host's own.
    """

    name = "my"

    @sf.hookimpl
    def salesflow_committed(self, facts: tuple[sf.Fact, ...]) -> None:
        """
        Be told.
        """
