"""
Scenarios: what their files may say, what is wrong with one, and how they run.
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from salesflow import Actor, Money
from salesflow.plugins import Plugins
from salesflow.plugins.directory import Directory
from salesflow.testing import NOW
from salesflow.testing._scenario.check import read_scenarios
from salesflow.testing._scenario.run import ScenarioFailedError, run_scenario

from ...cases import over_cases


TRIP = """
id = "trip"
outcomes = ["undecided", "won", "lost"]

[[fields]]
id = "owner"

[[fields]]
id = "seats"
type = "integer"

[[stages]]
id = "plan"
kind = "open"
deadlines = [ { id = "late", after = "3d", effects = [ { use = "notify", to = ["owner"], topic = "plan_late" } ] } ]

[[stages]]
id = "road"

[[stages]]
id = "home"
kind = "closed"

[[transitions]]
id = "go"
source = "plan"
target = "road"
label = { en = "Set out", zh = "出发" }
guards = [
  { use = "fields_present", fields = ["seats"] },
  { use = "approval", name = "budget", roles = ["director"], override = true },
]
effects = [ { use = "notify", to = ["team"], topic = "under_way" } ]

[[transitions]]
id = "go_alone"
trigger = "go"
source = "plan"
target = "road"
guards = [ { any_of = [ { use = "actor_has_role", roles = ["ceo"] } ] } ]

[[transitions]]
id = "arrive"
source = "road"
target = "home"
outcome = ["won", "lost"]
guards = [ { use = "outcome_set", allowed = ["won", "lost"] } ]
"""

ONE = 'when = [ { fire = "go" } ]\nthen = { stage = "road" }\n'

HEAD = """
lifecycle = "trip.toml"

[actors]
boss = { name = "zhang.min", roles = ["director"] }
ceo  = { name = "wang.fang", roles = ["ceo"] }

[[scenario]]
name = "it"
"""


@pytest.fixture
def read(tmp_path):
    """
    Reads a scenario file beside the lifecycle of these tests.
    """

    def read(text: str, head: str = HEAD):
        (tmp_path / "trip.toml").write_text(TRIP, "utf-8")
        file = tmp_path / "it.scenario.toml"
        file.write_text(head + text, "utf-8")
        return read_scenarios(file, plugins=Plugins())

    return read


@pytest.fixture
def run(read):
    """
    Runs the scenarios of a file that has no fault.
    """

    def run(text: str) -> None:
        scenarios, report = read(text)
        assert report.ok, str(report)
        for scenario in scenarios:
            run_scenario(scenario)

    return run


def failure(run, text: str) -> ScenarioFailedError:
    with pytest.raises(ScenarioFailedError) as caught:
        run(text)
    return caught.value


def faults(read, text: str, head: str = HEAD) -> list[str]:
    scenarios, report = read(text, head)
    assert not scenarios
    return [f"{fault.path}:{fault.line} {fault.code}" for fault in report.faults]


GOES = """
given = { fields = { owner = "li.wei" } }
when = [
  { update = { seats = 4 } },
  { approve = "budget", actor = "boss", comment = "fine" },
  { add = [ { kind = "contract", id = "c1", amount = "5 EUR", signed_on = 2026-02-01, parties = ["a", "b"] } ] },
  { fire = "go" },
]
then = { stage = "road", outcome = "undecided", version = 5, fields = { seats = 4 }, notices = "under_way" }
"""


def test_a_whole_way(run):
    """
    Fields, approvals, entries and moves happen in order, and everything said of the end is held.
    """
    run(GOES)

    failed = failure(run, GOES.replace('stage = "road"', 'stage = "plan"').replace("seats = 4 }, n", "seats = 5 }, n"))
    assert ["stage", "field seats"] == [one.what.en for one in failed.differences]
    assert [("plan", "road"), ("5", "4")] == [(one.expected, one.found) for one in failed.differences]


@pytest.mark.parametrize(
    ("claim", "what"),
    [
        ('outcome = "won"', "outcome"),
        ("version = 9", "version"),
        ('fields = { owner = "" }', "field owner"),
        ("notices = []", "notices"),
        ('notices = ["under_way", "more"]', "notices"),
    ],
)
def test_each_claim_can_fail(run, claim, what):
    """
    Everything that can be said of the end is looked at.
    """
    failed = failure(run, GOES.partition("then =")[0] + f"then = {{ {claim} }}")

    assert [what] == [one.what.en for one in failed.differences]


REFUSED = 'when = [ { fire = "go" } ]\n'
REASONS = 'refused = ["fields.missing", "approval", "any_of"]'
CURES = 'missing = ["field seats", "approval budget", "role ceo"]'


def test_reasons(run):
    """
    A refusal is expected with all of its reasons by code or by id, its cures, and its sentences.
    """
    en, zh = '"Still to be filled in: seats."', '"尚未填写：seats。"'
    run(f"{REFUSED}then = {{ {REASONS}, {CURES}, says = {{ en = [{en}], zh = {zh} }}, stage = 'plan' }}")

    failed = failure(
        run, f"{REFUSED}then = {{ refused = ['approval'], missing = 'field seats', says = {{ en = 'No.' }} }}"
    )
    assert ["reasons", "cures", "sentence"] == [one.what.en for one in failed.differences]
    assert "fields_present (fields.missing), approval (approval.pending), any_of (any_of.failed)" == (
        failed.differences[0].found
    )


@pytest.mark.parametrize(
    "more", ['refused = ["fields_present", "approval", "any_of", "transition.unavailable"]', "missing = []"]
)
def test_no_reason_too_many(run, more):
    """
    A reason that is not one fails the scenario, and so does a cure that is not said.
    """
    failed = failure(run, f"{REFUSED}then = {{ {more} }}")

    assert 1 == len(failed.differences)


def test_expected_refusal_does_not_come(run):
    """
    A move that should be refused and is not says where the project went.
    """
    failed = failure(run, GOES.partition("then =")[0] + "then = { refused = 'approval' }")

    assert [("decision", "accepted"), ("stage", "road")] == [
        (one.what.en, getattr(one.found, "en", one.found)) for one in failed.differences
    ]


def test_refused_on_the_way(run):
    """
    A step before the last one must be accepted; the failure names its line and lists the engine's reasons.
    """
    failed = failure(run, f"when = [\n  {{ fire = 'go' }},\n  {{ fire = 'go' }},\n]\nthen = {{ {REASONS} }}")
    shown = failed.explain("en").splitlines()

    assert "it.scenario.toml:11: scenario 'it'" == shown[0]
    assert "  step 1: fire go, by somebody" == shown[1]
    assert "    project 'scenario': 'go' is refused in stage 'plan'." in shown
    assert str(failed) == failed.explain("en")


def test_what_cannot_be_done(run):
    """
    What the engine does not let happen at all is told in its own words.
    """
    final = 'given = { stage = "home" }\nwhen = [ { update = { seats = 1 } } ]\nthen = { stage = "home" }\n'
    failed = failure(run, final)

    assert "is in the final stage 'home' and locked" in failed.explain("zh")
    assert ["  step 1: update seats, by somebody"] == failed.explain("en").splitlines()[1:2]


def test_given_that_cannot_be(run):
    """
    A beginning that cannot be reached is told with the line of the scenario.
    """
    given = '{ stage = "home", entries = [ { kind = "lesson", id = "l" } ] }'
    failed = failure(run, f'given = {given}\nwhen = [ {{ tick = true }} ]\nthen = {{ stage = "home" }}\n')

    assert (None, 8) == (failed.step, failed.line)
    assert "is in the final stage 'home' and locked" in failed.explain("en")


def test_given_stage(run):
    """
    A project stands in the given stage with the given fields and entries, whatever its way asked for.
    """
    run("""
given = { stage = "road", fields = { seats = 7, owner = "x" }, entries = [ { kind = "activity", id = "a", at = "2026-03-01T08:00:00+08:00" } ] }
when = [ { fire = "arrive", outcome = "lost", reason = "fog", actor = { name = "li.wei" } } ]
then = { stage = "home", outcome = "lost", fields = { seats = 7, owner = "x" }, notices = [] }
""")  # noqa: E501 -- a table of TOML stands on one line


def test_given_fields_stay(run):
    """
    What the way to a stage asked for gives way to what is given.
    """
    run("""
given = { stage = "road", fields = { seats = "" } }
when = [ { tick = true } ]
then = { stage = "road", fields = { seats = "" } }
""")


@pytest.mark.parametrize("stage", ["plan", "road"])
def test_given_figures(run, stage):
    """
    Figures are there as if they had been computed before, also where the project has just been opened.
    """
    entries = '[ { kind = "kpi_snapshot", id = "k" }, { kind = "risk_register", id = "r" } ]'
    given = f'{{ stage = "{stage}", entries = {entries} }}'
    run(f'given = {given}\nwhen = [ {{ tick = true }} ]\nthen = {{ stage = "{stage}" }}\n')


def test_given_hold(run):
    """
    A project on hold goes back to the stage that was given as interrupted.
    """
    text = """
lifecycle = "operating_cycle"
given = { stage = "on_hold", held = "strategy", actor = { name = "li.wei" } }
when = [ { fire = "resume" } ]
then = { stage = "strategy" }
"""
    run(text)

    failed = failure(run, text.replace('held = "strategy", ', ""))
    assert "strategy" == failed.differences[0].expected


def test_deadlines(run):
    """
    Time goes by only where the file says so, and a deadline that has passed leaves its notice.
    """
    text = 'given = {{ at = 2026-01-05T09:00:00Z }}\nwhen = [ {{ wait = "{}" }}, {{ tick = true }} ]\n'
    run(text.format("3d") + 'then = { notices = ["plan_late"] }')
    run(text.format("71h") + "then = { notices = [] }")

    failed = failure(run, text.format("71h") + 'then = { notices = ["plan_late"] }')
    assert ("plan_late", "-") == (failed.differences[0].expected, failed.differences[0].found)
    assert "  step 2: tick, by somebody" in failed.explain("en")


def test_data_entries_and_overrides(run):
    """
    A move takes what is handed in with it, and an override where the definition allows one.
    """
    run("""
when = [ { fire = "go", data = { seats = 2 }, entries = [ { kind = "lesson", id = "l" } ], overrides = { approval = "boss is away" } } ]
then = { stage = "road", fields = { seats = 2 } }
""")  # noqa: E501 -- as above


def test_declined(run):
    """
    An approval can be refused, about an artefact too.
    """
    text = """
given = { entries = [ { kind = "artefact", type = "plan", id = "p1", digest = "sha256:00" } ] }
when = [ { decline = "budget", subject = "p1", actor = "boss" }, { fire = "go", data = { seats = 1 } } ]
then = { refused = ["approval", "any_of"] }
"""
    run(text)

    assert "  step 2: fire go, by somebody" in failure(run, text.replace('"approval", ', "")).explain("en")
    bad = text.replace('subject = "p1"', 'subject = "p2"')
    assert "  step 1: decline budget, by zhang.min (director)" in failure(run, bad).explain("en")


def test_a_deputy_approves(tmp_path):
    """
    A deputy approves on behalf of somebody where the directory knows it, and otherwise the step fails.
    """
    (tmp_path / "trip.toml").write_text(TRIP, "utf-8")
    step = '{ approve = "budget", on_behalf_of = "zhang.min", actor = "ceo" }'
    text = f'when = [ {step}, {{ fire = "go", data = {{ seats = 1 }} }} ]\nthen = {{ stage = "road" }}\n'
    file = tmp_path / "it.scenario.toml"
    file.write_text(HEAD + text, "utf-8")
    people = [{"id": "zhang.min", "roles": ["director"]}, {"id": "wang.fang"}]
    deputies = [{"of": "zhang.min", "by": "wang.fang", "start": NOW.date(), "end": NOW.date()}]
    for known, fails in ((deputies, False), ([], True)):
        directory = Directory.load({"schema": 1, "people": people, "deputies": known})
        (scenario,), _ = read_scenarios(file, plugins=Plugins(directory))
        with pytest.raises(ScenarioFailedError) if fails else nullcontext():
            run_scenario(scenario)


def test_steps_are_shown(run):
    """
    Each kind of step is shown by what it does.
    """
    same = 'add = [ { kind = "lesson", id = "l" } ] }'
    failed = failure(run, f'given = {{ stage = "home" }}\nwhen = [ {{ {same} ]\nthen = {{ stage = "home" }}')

    assert "  第 1 步：add lesson，操作人 somebody" in failed.explain("zh")


def test_values_are_typed(read):
    """
    Texts of a file become money, days and times where the lifecycle wants them, down to the parts of an entry.
    """
    scenarios, report = read("""
given = { actor = { name = "li.wei", roles = ["project_lead"] }, at = "2026-02-01T09:00:00+08:00", entries = [
  { kind = "contract", id = "c", amount = "12.50 EUR", signed_on = "2026-01-02", parties = ["a", "b"] },
  { kind = "goal", id = "g", milestones = ["2026-01-02", 2026-01-03] },
  { kind = "scorecard", id = "s", items = [ { id = "need", score = 3 } ] },
] }
when = [ { fire = "go", data = { owner = "" } } ]
then = { stage = "road" }
""")
    assert report.ok, str(report)
    given = scenarios[0].given
    contract, goal, card = given.entries

    assert (Money("12.50", "EUR"), date(2026, 1, 2)) == (contract.amount, contract.signed_on)
    assert (date(2026, 1, 2), date(2026, 1, 3)) == goal.milestones
    assert ["need"] == [item.id for item in card.items]
    assert datetime(2026, 2, 1, 1, tzinfo=UTC) == given.at
    assert Actor("li.wei", roles={"project_lead"}) == given.actor
    assert {"owner": None} == scenarios[0].steps[0].more["data"]


def test_defaults(read):
    """
    Without a word about it, a scenario begins in the first stage, at the time of the kit, with nobody special.
    """
    scenarios, _ = read('when = [ { fire = "go" } ]\nthen = { refused = [] }')

    assert (None, NOW, "somebody") == (
        scenarios[0].given.stage,
        scenarios[0].given.at,
        scenarios[0].given.actor.name,
    )


def test_lifecycle_of_a_scenario(read):
    """
    A scenario may name a lifecycle of its own, and those of one file are built once.
    """
    more = (
        '[[scenario]]\nname = "b"\nlifecycle = "simple_deal"\nwhen = [ { fire = "lose" } ]\nthen = { stage = "lost" }\n'
    )
    scenarios, report = read(f'when = [ {{ fire = "go" }} ]\nthen = {{ stage = "road" }}\n{more}{more}')
    assert report.ok, str(report)
    first, second, third = (one.lifecycle for one in scenarios)

    assert (["trip", "simple_deal"], True) == ([first.id, second.id], second is third)


@over_cases(
    ("text", "found"),
    [
        ("", ["scenario[0]:8 key.missing", "scenario[0]:8 key.missing"]),
        ('when = []\nthen = { stage = "road" }', ["scenario[0].when:10 scenario.no_step"]),
        ('when = 5\nthen = { stage = "road" }', ["scenario[0].when:10 scenario.no_step"]),
        ("when = [ { fire = 'go' } ]\nthen = {}", ["scenario[0].then:11 scenario.no_claim"]),
        ("when = [ { fire = 'go' } ]\nthen = 'x'", ["scenario[0].then:11 value.type"]),
        ("given = 4\n" + ONE, ["scenario[0].given:10 value.type"]),
        ("given = { stag = 'x' }\n" + ONE, ["scenario[0].given.stag:10 key.unknown"]),
        ("given = { stage = 'rod' }\n" + ONE, ["scenario[0].given.stage:10 stage.unknown"]),
        (
            "given = { held = 'plan' }\n" + ONE,
            ["scenario[0].given.held:10 stage.held"],
        ),
        (
            "given = { stage = 'rod', held = 'pln' }\n" + ONE,
            ["scenario[0].given.held:10 stage.unknown", "scenario[0].given.stage:10 stage.unknown"],
        ),
        ("given = { fields = { seat = 4 } }\n" + ONE, ["scenario[0].given.fields.seat:10 field.undeclared"]),
        ("given = { fields = { seats = '4' } }\n" + ONE, ["scenario[0].given.fields.seats:10 literal.type"]),
        ("given = { at = 2026-01-01T09:00:00 }\n" + ONE, ["scenario[0].given.at:10 value.type"]),
        ("given = { at = 'soon' }\n" + ONE, ["scenario[0].given.at:10 value.type"]),
        ("given = { actor = 'bos' }\n" + ONE, ["scenario[0].given.actor:10 actor.unknown"]),
        ("given = { actor = { name = '' } }\n" + ONE, ["scenario[0].given.actor:10 value.type"]),
        ("given = { actor = { roles = [] } }\n" + ONE, ["scenario[0].given.actor:10 value.type"]),
        ("given = { entries = 3 }\n" + ONE, ["scenario[0].given.entries:10 value.type"]),
        ("given = { entries = [ 3 ] }\n" + ONE, ["scenario[0].given.entries[0]:10 entry.unknown"]),
        ("given = { entries = [ { kind = 'gaol' } ] }\n" + ONE, ["scenario[0].given.entries[0]:10 entry.unknown"]),
        ("given = { entries = [ { kind = 'goal' } ] }\n" + ONE, ["scenario[0].given.entries[0]:10 key.missing"]),
        (
            "given = { entries = [ { kind = 'goal', id = 'g', ower = 'x' } ] }\n" + ONE,
            ["scenario[0].given.entries[0].ower:10 key.unknown"],
        ),
        (
            "given = { entries = [ { kind = 'goal', id = 'not an id' } ] }\n" + ONE,
            ["scenario[0].given.entries[0]:10 entry.malformed"],
        ),
        (
            "given = { entries = [ { kind = 'contract', id = 'c', amount = 'much' } ] }\n" + ONE,
            ["scenario[0].given.entries[0].amount:10 literal.type"],
        ),
        ("given = { entries = [ { kind = 'approval' } ] }\n" + ONE, ["scenario[0].given.entries[0]:10 entry.approval"]),
        (
            "when = [ { fire = 'go', entries = [ { kind = 'kpi_snapshot', id = 'k' } ] } ]\nthen = { stage = 'road' }",
            ["scenario[0].when[0].entries[0]:10 entry.computed"],
        ),
        ("when = [ 5 ]\nthen = { stage = 'road' }", ["scenario[0].when[0]:10 step.verb"]),
        ("when = [ { fires = 'go' } ]\nthen = { stage = 'road' }", ["scenario[0].when[0]:10 step.verb"]),
        ("when = [ { fire = 'go', tick = true } ]\nthen = { stage = 'road' }", ["scenario[0].when[0]:10 step.verb"]),
        ("when = [ { fire = 5 } ]\nthen = { stage = 'road' }", ["scenario[0].when[0].fire:10 value.type"]),
        (
            "when = [ { fire = 'goo', overrides = { x = 'y' } } ]\nthen = { stage = 'road' }",
            ["scenario[0].when[0].fire:10 trigger.unknown"],
        ),
        (
            "when = [ { fire = 'go', overrides = { aproval = 'y' } } ]\nthen = { stage = 'road' }",
            ["scenario[0].when[0].overrides.aproval:10 guard.unknown"],
        ),
        (
            "when = [ { fire = 'go', outcome = 'wn' } ]\nthen = { outcome = 'lst', stage = 'rod' }",
            [
                "scenario[0].when[0].outcome:10 outcome.unknown",
                "scenario[0].then.outcome:11 outcome.unknown",
                "scenario[0].then.stage:11 stage.unknown",
            ],
        ),
        ("when = [ { approve = 'My Budget' } ]\nthen = { version = 2 }", ["scenario[0].when[0].approve:10 value.type"]),
        ("when = [ { wait = '3 days' } ]\nthen = { version = 2 }", ["scenario[0].when[0].wait:10 duration.malformed"]),
        ("when = [ { tick = false } ]\nthen = { version = 2 }", ["scenario[0].when[0].tick:10 value.choice"]),
        ("when = [ { tick = true } ]\nthen = { refused = 'approval' }", ["scenario[0].then:11 step.verb"]),
        (
            "when = [ { fire = 'go' } ]\nthen = { refused = ['aproval'], missing = ['seats', 'field seat', 'role x'] }",
            [
                "scenario[0].then.missing:11 value.type",
                "scenario[0].then.missing:11 field.unknown",
                "scenario[0].then.refused:11 reason.unknown",
            ],
        ),
        (
            "when = [ { fire = 'go' } ]\nthen = { says = { de = 'Nein.', en = 5, zh = [ 5 ] } }",
            [
                "scenario[0].then.says.de:11 value.type",
                "scenario[0].then.says.en:11 value.type",
                "scenario[0].then.says.zh:11 value.type",
            ],
        ),
        ("lifecycle = 'nope'\n" + ONE, ["scenario[0].lifecycle:10 lifecycle.unusable"]),
    ],
    ids=range(40),
)
def test_faults(read, text, found):
    """
    Each thing that cannot be is told with its path and line, and nothing of the scenario is kept.
    """
    assert sorted(found) == sorted(faults(read, text))


@over_cases(
    ("head", "found"),
    [
        ("lifecycle = 3\n", ["lifecycle:1 value.type", "scenario:None scenario.none"]),
        ("scenario = 5\n", ["scenario:1 scenario.none"]),
        ("scenario = []\n", ["scenario:1 scenario.none"]),
        ("colour = 'red'\n", ["colour:1 key.unknown", "scenario:None scenario.none"]),
        ("scenario = [ 5 ]\n", ["scenario[0]:1 value.type"]),
        ("[[scenario]]\nname = 'x'\n" + ONE, ["scenario[0]:1 key.missing"]),
        ("actors = { a = 5 }\n", ["actors.a:1 value.type", "scenario:None scenario.none"]),
        ("x = \n", [":1 file.malformed"]),
    ],
)
def test_faults_of_a_file(read, head, found):
    """
    What is wrong with a file as a whole is told as well.
    """
    assert sorted(found) == sorted(faults(read, "", head))


def test_no_file(tmp_path):
    """
    A file that is not there is a fault like any other.
    """
    _, report = read_scenarios(Path(tmp_path / "no.scenario.toml"))

    assert ["file.unreadable"] == [fault.code for fault in report.faults]


TWO = """
others = "simple_deal"
"""
SPAWNING = (
    TRIP
    + """
[[transitions]]
id = "sell"
source = "home"
kind = "spawn"
spawn = { lifecycle = "simple_deal", carry = ["owner"] }
"""
)
SELLS = """
given = { stage = "home", fields = { owner = "li.wei" } }
when = [
  { fire = "sell" },
  { turn_to = "simple_deal" },
  { update = { amount = "5 EUR", expected_close = 2026-05-01 } },
  { fire = "propose" },
]
"""


def test_a_scenario_over_two_lifecycles(tmp_path):
    """
    What follows is about the project that was opened: its fields, triggers and stages; and one can turn back.
    """
    (tmp_path / "trip.toml").write_text(SPAWNING, "utf-8")
    back = SELLS.replace('fire = "propose" },', 'turn_to = "trip" }, { fire = "sell" },')
    for text in (SELLS + 'then = { stage = "propose" }', back + 'then = { stage = "home" }'):
        file = tmp_path / "it.scenario.toml"
        file.write_text(HEAD.replace("[actors]", TWO + "[actors]") + text, "utf-8")
        scenarios, report = read_scenarios(file, plugins=Plugins())
        assert report.ok, str(report)
        run_scenario(scenarios[0])


def test_a_project_that_nobody_opened(run):
    """
    There is nothing to turn to.
    """
    error = failure(
        run, 'others = "simple_deal"\nwhen = [ { turn_to = "simple_deal" } ]\nthen = { stage = "qualify" }\n'
    )

    assert "No project of this lifecycle was opened" in str(error)


def test_a_lifecycle_that_is_not_there(read):
    """
    Neither among the others, nor to turn to.
    """
    missing = faults(read, 'others = "simple_dael"\n' + ONE)
    unnamed = faults(read, 'when = [ { turn_to = "simple_deal" } ]\nthen = { stage = "road" }\n')

    assert ["scenario[0].others"] == [each.partition(":")[0] for each in missing]
    assert ["scenario[0].when[0].turn_to"] == [each.partition(":")[0] for each in unnamed]
