"""
The built-in lifecycles, and the examples of imports: complete, bilingual, and consistent in themselves.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import salesflow as sf
from salesflow import templates
from salesflow.errors import InputError
from salesflow.testing import rules

from .cases import over_cases


EXAMPLES = Path(__file__).parents[1] / "examples"
IMPORTS = ["maven", "salesforce"]

SEVEN = ["initiation", "goal_setting", "resourcing", "strategy", "execution", "monitoring", "closing"]


def built_in(name: str) -> dict[str, Any]:
    return tomllib.loads(templates.read(name))


def example(folder: str, file: str) -> dict[str, Any]:
    return tomllib.loads((EXAMPLES / folder / file).read_text(encoding="utf-8"))


def definitions() -> Iterator[Any]:
    for name in templates.BUILT_IN:
        yield pytest.param(built_in(name), id=name)
    for folder in IMPORTS:
        yield pytest.param(example(folder, "lifecycle.toml"), id=folder)


def texts(definition: dict[str, Any]) -> dict[str, Any]:
    named = {"label": definition["label"], "description": definition["description"]}
    for group in ("fields", "stages", "transitions"):
        named |= {f"{group}.{item['id']}": item["label"] for item in definition[group]}
    for field in definition["fields"]:
        named |= {f"{field['id']}.{name}": label for name, label in field.get("choice_labels", {}).items()}
    tasks = [(stage["id"], task) for stage in definition["stages"] for task in stage.get("tasks", ())]
    named |= {f"{stage}.{task['id']}": task["label"] for stage, task in tasks}
    guidance = {item["id"]: item["guidance"] for item in definition["stages"] if "guidance" in item}
    return named | {f"guidance.{stage}": text for stage, text in guidance.items()}


def by_id(definition: dict[str, Any], group: str) -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in definition[group]}


@over_cases("name", templates.BUILT_IN)
def test_the_name_is_the_id(name):
    """
    A built-in lifecycle is found by the id that its facts carry.
    """
    definition = built_in(name)

    assert (1, name) == (definition["schema"], definition["id"])


def test_every_file_is_named():
    """
    No definition file lies in the package that nobody can load.
    """
    folder = Path(templates.__file__).parent

    assert sorted(templates.BUILT_IN) == sorted(path.stem for path in folder.glob("*.toml"))


def test_unknown_name():
    """
    A name that is not built in is answered with the names there are, and the nearest one.
    """
    with pytest.raises(InputError) as raised:
        templates.read("simple_deals")

    assert str(raised.value) == (
        "built-in lifecycle: 'simple_deals' is not usable. "
        f"There are: {', '.join(templates.BUILT_IN)}. Did you mean 'simple_deal'?"
    )


@over_cases("definition", list(definitions()))
def test_two_languages(definition):
    """
    Every text is there in English and in Chinese, and the Chinese one is Chinese.
    """
    wrong = {
        place: text
        for place, text in texts(definition).items()
        if set(text) != {"en", "zh"} or not text["en"].isascii() or text["zh"].isascii()
    }

    assert {} == wrong


@pytest.mark.requirement("E03", "E45")
@over_cases("name", templates.BUILT_IN)
def test_every_stage_has_guidance(name):
    """
    Each stage of a built-in lifecycle tells people what to do in it.
    """
    stages = by_id(built_in(name), "stages")

    assert list(stages) == [stage for stage, item in stages.items() if "guidance" in item]


@over_cases("name", templates.PROJECTS)
@pytest.mark.requirement("A01")
def test_every_stage_says_what_people_do_in_it(name):
    """
    Each stage has a verb, and each that is no hold a number, so that phases and funnels mean the same everywhere.
    """
    stages = built_in(name)["stages"]
    verbs = {stage["verb"] for stage in stages}
    numbers = {stage["seq"] for stage in stages if "seq" in stage}

    assert {"plan", "optimise"} <= verbs
    assert verbs & {"execute", "monitor"}
    assert set(range(1, max(numbers) + 1)) == numbers
    assert [stage["id"] for stage in stages if stage["kind"] == "hold"] == [
        stage["id"] for stage in stages if "seq" not in stage
    ]


@pytest.mark.requirement("E44")
@over_cases("name", templates.PROJECTS)
def test_every_source_is_named(name):
    """
    A template says where it comes from, and asks where the deal or the task came from, with a word for every choice.
    """
    definition = built_in(name)
    source = by_id(definition, "fields")["source"]

    assert ("Source: " in definition["description"]["en"], "来源：" in definition["description"]["zh"]) == (True, True)
    assert set(source["choices"]) == set(source["choice_labels"])


@pytest.mark.untraced
@over_cases("name", templates.PROJECTS)
def test_times_are_working_days(name):
    """
    Deadlines and reminders of a template count in working days.
    """
    lifecycle = sf.load_lifecycle(name)
    deadlines = [deadline for stage in lifecycle.stages for deadline in stage.deadlines]
    spans = [span for one in deadlines for span in (one.after, one.before, *one.remind) if span]

    assert {"bd"} == {span.unit for span in spans}


def walk_uses(uses):
    """
    Every guard use, those in combinators too.
    """
    return [each for use in uses for each in (use, *walk_uses(use.guards))]


def approvals(transition):
    """
    The uses of guards that ask for an approval of the project.
    """
    return [use for use in walk_uses(transition.guards) if use.use in ("approval", "amount_tier_approval")]


@pytest.mark.untraced
@over_cases("name", templates.PROJECTS)
def test_no_approval_is_loose_and_no_override_open(name):
    """
    An approval is given for what it names, not by the owner; an override takes a role that the owner does not fill.
    """
    transitions = sf.load_lifecycle(name).transitions
    asked = [use for transition in transitions for use in approvals(transition)]
    overrides = [use.override for transition in transitions for use in walk_uses(transition.guards) if use.override]

    assert [] == [use.params["name"] for use in asked if use.use == "approval" and not use.params.get("binds")]
    assert {"owner"} >= {use.params.get("distinct_from") for use in asked}
    assert [] == [rule for rule in overrides if rule is True or not rule.roles or rule.not_by != ("owner",)]


@pytest.mark.untraced
@over_cases("name", templates.PROJECTS)
def test_what_is_won_is_not_lost_by_an_exit_from_a_hold(name):
    """
    Whoever leaves a hold by an exit has to be undecided.
    """
    lifecycle = sf.load_lifecycle(name)
    holds = {stage.id for stage in lifecycle.stages if stage.kind == "hold"}
    exits = [one for one in lifecycle.transitions if one.kind == "exit" and holds.intersection(one.source)]

    assert [] == [one.id for one in exits if "undecided" not in {use.use for use in one.guards}]


@pytest.mark.requirement("C02")
@pytest.mark.parametrize(
    ("name", "transition"), [("project_team_planning", "agree_goals"), ("goal_to_feedback_cycle", "set_goals")]
)
def test_unclear_goals_block(name, transition):
    """
    Goals pass all five SMART questions before anything else begins, are approved by somebody else, and frozen.
    """
    asked = {use.use: use for use in sf.load_lifecycle(name).transition(transition).guards}

    assert ("block", False) == (asked["goals_smart"].severity, asked["goals_smart"].override)
    assert 5 == len(asked["goals_smart"].params["criteria"])
    assert "goal" in asked["approval"].params["binds"]


def test_every_hold_until_a_day_is_told_of_it():
    """
    Whatever has a day on which to go on says so once that day is over.
    """
    found = [
        (name, limit.id)
        for name in templates.PROJECTS
        for stage in sf.load_definition(name).stages
        for limit in stage.deadlines
        if limit.field == "resume_date"
    ]

    assert [(name, "resume_due") for name in ("four_step_project", "ltc_gated", "operating_cycle")] == sorted(found)


@pytest.mark.parametrize(
    ("name", "resume", "day"), [("four_step_project", date(2026, 3, 20), 22), ("operating_cycle", date(2026, 3, 1), 2)]
)
def test_a_hold_past_its_day_is_told(name, resume, day):
    """
    Once the day on which a project was to go on is over, the owner is told, also where it was over from the start.
    """
    clock, told = [datetime(2026, 3, 2, 9, tzinfo=UTC)], []
    pipeline = sf.Pipeline(sf.load_lifecycle(name), actor=sf.Actor("li.wei"), clock=lambda: clock[0])
    pipeline.open("Metro", id="P-1", fields={"owner": "li.wei"})
    pipeline.fire("P-1", "hold", data={"hold_reason": "budget_freeze", "resume_date": resume})
    for _ in range(2):
        pipeline.tick()
        pipeline.deliver(lambda notice, _id: told.append((clock[0].day, notice.topic, notice.to[0])))
        clock[0] += timedelta(days=20)

    assert [(day, "owner")] == [(when, to) for when, topic, to in told if topic == "resume_due" and to == "owner"]
    assert 2 == sum(topic == "resume_due" for _, topic, _ in told)


@pytest.mark.parametrize(
    ("name", "transition"), [("goal_to_feedback_cycle", "set_goals"), ("sales_planning", "set_goals")]
)
def test_a_period_does_not_end_before_it_begins(name, transition):
    """
    The first gate asks for a period in its order; while a day is missing, only that is said.
    """
    pipeline = sf.Pipeline(sf.load_lifecycle(name), actor=sf.Actor("li.wei"))
    pipeline.open("Q1", id="P-1", fields={"period_start": date(2026, 3, 1), "period_end": date(2026, 2, 1)})
    pipeline.open("Q2", id="P-2", fields={"period_start": date(2026, 3, 1)})
    found = [{each.code for each in pipeline.decide(one, transition).blocking} for one in ("P-1", "P-2")]

    assert [True, False] == [any(code.startswith("field.compare") for code in codes) for codes in found]


WON = {"four_step_project": ("sign_contract", "lost"), "ltc_gated": ("atc", "closed_lost")}


@pytest.mark.parametrize("name", WON)
def test_a_signed_deal_is_never_lost(name):
    """
    Once the contract is signed, no way leads to the stage of lost deals: not from a hold, nor by way of a change.
    """
    signed, lost = WON[name]

    assert None is rules.never(lost, after=signed).prove(sf.load_lifecycle(name))


@pytest.mark.requirement("E02", "E04")
def test_the_seven_elements_in_order():
    """
    The operating cycle has its seven elements in order, in four phases, and then the ways to end.
    """
    stages = by_id(built_in("operating_cycle"), "stages")

    assert [*SEVEN, "on_hold", "closed_won", "closed_lost", "closed_cancelled", "rejected"] == list(stages)
    assert ["initiate", "execute", "monitor", "close"] == list(dict.fromkeys(stages[one]["phase"] for one in SEVEN))


@pytest.mark.requirement("B25", "D53", "E01", "E12")
def test_the_cycle_turns():
    """
    Monitoring leads back to execution, strategy, resources and goals, and a closed project to the next one.
    """
    transitions = by_id(built_in("operating_cycle"), "transitions")
    loops = {item["target"] for item in transitions.values() if item.get("kind") == "loop"}

    assert {"execution", "strategy", "resourcing", "goal_setting"} == loops
    assert "operating_cycle" == transitions["next_cycle"]["spawn"]["lifecycle"]
    assert ["closed_won", "closed_lost"] == transitions["next_cycle"]["source"]


def test_every_outcome_is_set_by_someone():
    """
    Each outcome that the operating cycle declares is set, or offered to the caller, by a transition.
    """
    definition = built_in("operating_cycle")
    given: set[str] = set()
    for transition in definition["transitions"]:
        outcome = transition.get("outcome", [])
        given |= {outcome} if isinstance(outcome, str) else set(outcome)

    assert set(definition["outcomes"]) == given


@over_cases("name", templates.PROJECTS)
def test_reasons_have_a_note(name):
    """
    A coded reason that can be "other" has a field for the words that explain it.
    """
    fields = by_id(built_in(name), "fields")
    reasons = [field for field in fields if field.endswith("_reason")]

    assert reasons == [field for field in reasons if "other" in fields[field]["choices"] and f"{field}_note" in fields]


def test_a_note_is_asked_for_by_its_label():
    """
    What is missing is called as the form calls it, also where it explains a choice.
    """
    pipeline = sf.Pipeline(sf.load_lifecycle("four_step_project"), actor=sf.Actor("li.wei"))
    pipeline.open("Line", id="P-1")
    decision = pipeline.decide("P-1", "lose", outcome="lost", data={"lost_reason": "other"})

    assert "丢单原因 选择了“其他”（other），请在 丢单说明 中补充说明（最少字数：1）。" == decision.blocking[0].message(
        "zh"
    )


@pytest.mark.parametrize("folder", IMPORTS)
def test_maps_lead_into_their_lifecycle(folder):
    """
    A mapping names its lifecycle, and only fields and stages that this lifecycle has.
    """
    lifecycle, mapping = example(folder, "lifecycle.toml"), example(folder, "map.toml")
    paths = mapping.get("paths", {})
    stages = {
        *mapping["stage"]["values"].values(),
        *paths,
        *(step["stage"] for path in paths.values() for step in path),
        *(stage for field in mapping["fields"].values() for stage in field.get("on", ())),
    }

    assert lifecycle["id"] == mapping["lifecycle"]
    assert set() == stages - by_id(lifecycle, "stages").keys()
    assert set() == mapping["fields"].keys() - by_id(lifecycle, "fields").keys()


@pytest.mark.parametrize("folder", IMPORTS)
def test_money_has_its_currency(folder):
    """
    A mapping states the currency of every field of money, and of no other.
    """
    lifecycle, mapping = example(folder, "lifecycle.toml"), example(folder, "map.toml")
    money = {field["id"] for field in lifecycle["fields"] if field["type"] == "money"}

    assert money == {field for field, cell in mapping["fields"].items() if "currency" in cell}


def test_maven_paths_are_walks():
    """
    Every stage of the Maven mapping has a path that starts where projects open and follows transitions.
    """
    lifecycle, mapping = example("maven", "lifecycle.toml"), example("maven", "map.toml")
    edges = {(source, one["target"]) for one in lifecycle["transitions"] for source in one["source"]}
    walks = {stage: [step["stage"] for step in path] for stage, path in mapping["paths"].items()}

    assert set(mapping["stage"]["values"].values()) == set(walks)
    assert {(lifecycle["initial"], stage) for stage in walks} == {(walk[0], walk[-1]) for walk in walks.values()}
    assert set() == {pair for walk in walks.values() for pair in pairwise(walk)} - edges


def test_salesforce_moves_freely():
    """
    As in the system itself, an open deal may go to any other stage, and a closed one to the other end.
    """
    lifecycle, mapping = example("salesforce", "lifecycle.toml"), example("salesforce", "map.toml")
    edges = {(source, one["target"]) for one in lifecycle["transitions"] for source in one["source"]}
    stages = set(mapping["stage"]["values"].values())
    closed = {"closed_won", "closed_lost"}
    wanted = {(a, b) for a in (stages - closed) | {lifecycle["initial"]} for b in stages if a != b}

    assert wanted | {("closed_won", "closed_lost"), ("closed_lost", "closed_won")} == edges


@pytest.mark.parametrize(
    ("folder", "file"),
    [("maven", "maven_crm/sales_pipeline.csv"), ("salesforce", "salesforce_history/OpportunityHistory.csv")],
)
def test_maps_know_the_words_of_the_export(folder, file, real_data):
    """
    Every column that a mapping names is in the export, and every stage of the export is in the mapping.
    """
    mapping = example(folder, "map.toml")
    with (real_data / file).open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    columns = {mapping["project"]["id"]["column"], *mapping["project"]["name"]["columns"], mapping["actor"]["column"]}
    columns |= {cell["column"] for cell in mapping["fields"].values()}
    columns |= {step["column"] for path in mapping.get("paths", {}).values() for step in path}

    assert set() == columns - rows[0].keys()
    assert mapping["stage"]["values"].keys() == {row[mapping["stage"]["column"]] for row in rows}


def test_salesforce_times_tell_the_order(real_data):
    """
    The format reads every time of the export, and no deal has two rows of the same minute.
    """
    time = example("salesforce", "map.toml")["time"]
    with (real_data / "salesforce_history/OpportunityHistory.csv").open(encoding="utf-8-sig", newline="") as text:
        rows = [(row["OpportunityId"], row[time["column"]]) for row in csv.DictReader(text)]
    moments = {(deal, datetime.strptime(text, time["formats"][0])) for deal, text in rows}  # noqa: DTZ007 -- compared only

    assert len(rows) == len(moments)
