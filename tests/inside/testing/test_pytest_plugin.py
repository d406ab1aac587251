"""
The pytest plugin: its options, its reports, and scenario files as tests.
"""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from salesflow import load_lifecycle
from salesflow._lifecycle import observers
from salesflow.testing._coverage.run import SHIPPED, CoverageOptions, CoverageRun
from salesflow.testing._scenario import run as _scenario_items


pytestmark = [pytest.mark.slow, pytest.mark.traced]


pytest_plugins = ("pytester",)

# A run within the run forgets what it imported, so everything is imported before: the reader of files too.
assert load_lifecycle("simple_deal")
assert _scenario_items

SUITE = """
from datetime import date

import pytest

from salesflow import Actor, Money, Pipeline, load_lifecycle

DEAL = load_lifecycle("simple_deal")
ALL = {"owner": "li.wei", "amount": Money("1", "EUR"), "expected_close": date(2030, 1, 1)}


def test_offer():
    pipeline = Pipeline(DEAL, actor=Actor("li.wei"))
    pipeline.fire(pipeline.open("Deal", fields=ALL).id, "propose")


def test_loss():
    pipeline = Pipeline(DEAL, actor=Actor("li.wei"))
    pipeline.fire(pipeline.open("Deal").id, "lose", data={"lost_reason": "price"})
"""

SCENARIOS = """
lifecycle = "simple_deal"

[[scenario]]
name = "an offer needs an amount"
when = [ { fire = "propose" } ]
then = { refused = "fields_present" }

[[scenario]]
name = "nothing is won without a contract"
given = { stage = "propose" }

[[scenario.when]]
fire = "win"

[scenario.then]
stage = "won"
"""


@pytest.fixture
def suite(pytester):
    """
    A suite that takes two of five edges.
    """
    pytester.makepyfile(test_deals=SUITE)
    return pytester


def test_without_options_nobody_observes(suite):
    """
    A run that names no lifecycle is like one without the plugin.
    """
    before = observers.active
    result = suite.runpytest_inprocess()
    result.assert_outcomes(passed=2)

    assert before == observers.active
    assert "lifecycle coverage" not in result.stdout.str()


def test_terminal_report(suite):
    """
    The run ends with what is missing, and leaves nothing behind.
    """
    before = observers.active
    result = suite.runpytest_inprocess("--lifecycle-cov=simple_deal")
    result.stdout.fnmatch_lines(
        [
            "*lifecycle coverage*",
            "simple_deal 2: 20.0 %",
            "  2 of 5 edges taken, 2 of 10 *",
            "*edges not taken",
            "*revise *",
        ]
    )

    assert (0, before) == (result.ret, observers.active)


def test_reports_to_files(suite):
    """
    JSON and diagrams go to files where one is named, and to the terminal otherwise.
    """
    result = suite.runpytest_inprocess(
        "--lifecycle-cov=simple_deal",
        "--lifecycle-cov=simple_deal",
        *(
            f"--lifecycle-cov-report={form}"
            for form in ("json:cov.json", "mermaid:cov.mmd", "mermaid:cov.md", "mermaid", "json", "term:all")
        ),
    )
    (data,) = json.loads((suite.path / "cov.json").read_text("utf-8"))["lifecycles"]

    assert ("simple_deal", 4, 20) == (data["lifecycle"], data["covered"], data["total"])
    assert (suite.path / "cov.mmd").read_text("utf-8").startswith("stateDiagram-v2\n")
    assert (suite.path / "cov.md").read_text("utf-8").startswith("## simple_deal 2: 20.0 %\n")
    result.stdout.fnmatch_lines(
        ["json report written to cov.json", "*mermaid report*", "*", "stateDiagram-v2", "{", "*edges taken"]
    )


def test_a_file_is_named(suite):
    """
    A lifecycle in a file is matched by its id and version, also beside a built-in one.
    """
    suite.path.joinpath("own.toml").write_text(
        'id = "own"\nstages = [ { id = "a" }, { id = "b", kind = "closed" } ]\n'
        'transitions = [ { id = "go", source = "a", target = "b" } ]\n',
        "utf-8",
    )
    result = suite.runpytest_inprocess("--lifecycle-cov=own.toml", "--lifecycle-cov=simple_deal")

    result.stdout.fnmatch_lines(["own 1: 0.0 % (0 of 1 edges taken, 0 of 0 *", "simple_deal 2: 20.0 %*"])


@pytest.mark.parametrize(("lowest", "ret"), [("20", 0), ("20.1", 1), ("100", 1)])
def test_fail_under(suite, lowest, ret):
    """
    A run fails when a lifecycle stays below the percentage, and says which one.
    """
    result = suite.runpytest_inprocess("--lifecycle-cov=simple_deal", f"--lifecycle-cov-fail-under={lowest}")
    said = f"FAIL lifecycle coverage of simple_deal 2 is 20.0 %, below {lowest} %" in result.stdout.str()

    assert (ret, bool(ret)) == (result.ret, said)


def test_a_failed_run_stays_failed(suite):
    """
    Too little coverage does not hide how a run ended.
    """
    suite.makepyfile(test_deals="")
    result = suite.runpytest_inprocess("--lifecycle-cov=simple_deal", "--lifecycle-cov-fail-under=1")

    assert pytest.ExitCode.NO_TESTS_COLLECTED == result.ret


def test_workers(suite):
    """
    What the workers of pytest-xdist saw adds up to what one process sees.
    """
    result = suite.runpytest_inprocess("-n2", "--dist=each", "--lifecycle-cov=simple_deal")

    result.stdout.fnmatch_lines(["simple_deal 2: 20.0 %", "  2 of 5 edges taken, 2 of 10 *"])
    assert 0 == result.ret


def test_a_worker_ships():
    """
    A worker ships what it saw and writes nothing; one that crashed has shipped nothing.
    """
    run = CoverageRun(CoverageOptions.by(["simple_deal"], [], "50"))
    try:
        run.seen.stages.add(("simple_deal", "2", "lost"))
        session = SimpleNamespace(config=SimpleNamespace(workeroutput={}), exitstatus=pytest.ExitCode.OK)
        run.pytest_sessionfinish(session)
        other = CoverageRun(run.asked)
        other.pytest_testnodedown(SimpleNamespace(workeroutput=session.config.workeroutput), None)
        other.pytest_testnodedown(SimpleNamespace(), "crashed")
        other.pytest_unconfigure()
    finally:
        run.pytest_unconfigure()

    assert [SHIPPED] == list(session.config.workeroutput)
    assert (frozenset({"lost"}), 0) == (other.coverages()[0].visited, session.exitstatus)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--lifecycle-cov=simple_del"], "--lifecycle-cov: 'simple_del' is not usable*Did you mean 'simple_deal'?*"),
        (["--lifecycle-cov=no.toml"], "--lifecycle-cov: 'no.toml' is not usable*no.toml cannot be read*"),
        (["--lifecycle-cov-report=json"], "--lifecycle-cov-report needs a lifecycle*--lifecycle-cov=NAME*"),
        (["--lifecycle-cov-fail-under=3"], "--lifecycle-cov-fail-under needs a lifecycle*"),
        (["--lifecycle-cov=simple_deal", "--lifecycle-cov-report=jsn"], "*'jsn' is not usable*mean 'json'?"),
        (["--lifecycle-cov=simple_deal", "--lifecycle-cov-report=term:x"], "*'term:x' is not usable*"),
        (["--lifecycle-cov=simple_deal", "--lifecycle-cov-report=json:"], "*'json:' is not usable*"),
        (["--lifecycle-cov=simple_deal", "--lifecycle-cov-report=json:no/a"], "*Make the folder no first*"),
        (
            ["--lifecycle-cov=simple_deal", "--lifecycle-cov-fail-under=all"],
            "*under: 'all' is not usable. Give*",
        ),
        (["--lifecycle-cov=simple_deal", "--lifecycle-cov-fail-under=101"], "*'101' is not usable*"),
        (["--lifecycle-cov=simple_deal", "--lifecycle-cov-fail-under=nan"], "*'nan' is not usable*"),
        (
            ["--lifecycle-cov=simple_deal", "--lifecycle-cov=operating_cycle", "--lifecycle-cov-report=mermaid:a.mmd"],
            "*A diagram file holds one lifecycle*ending in .md*",
        ),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_bad_options(pytester, options, said):
    """
    An option that cannot be is named, with what to write instead.
    """
    result = pytester.runpytest_inprocess(*options)
    text = " ".join(result.stderr.str().split())

    assert pytest.ExitCode.USAGE_ERROR == result.ret
    pytest.LineMatcher([text]).fnmatch_lines([f"*{said}*"])


def test_scenarios_are_tests(pytester):
    """
    Each scenario is a test, and a failing one shows its line, what was expected, and the engine's reasons.
    """
    pytester.path.joinpath("deals.scenario.toml").write_text(SCENARIOS, "utf-8")
    result = pytester.runpytest_inprocess("--lifecycle-cov=simple_deal")
    result.assert_outcomes(passed=1, failed=1)

    result.stdout.fnmatch_lines(
        [
            "deals.scenario.toml:13: scenario 'nothing is won without a contract'",
            "  step 1: fire win, by somebody",
            "  expected decision: accepted",
            "     found decision: refused",
            "  the engine says:",
            "    project 'scenario': 'Win' is refused in stage 'Proposal'.",
            "      - No contract counts as signed*",
            "simple_deal 2: *",
        ]
    )


@pytest.mark.parametrize("how", ["option", "setting"])
def test_explanations_in_chinese(pytester, how):
    """
    The language is chosen by an option or a setting.
    """
    pytester.path.joinpath("deals.scenario.toml").write_text(SCENARIOS, "utf-8")
    if how == "setting":
        pytester.makeini("[pytest]\nscenario_lang = zh\n")
    result = pytester.runpytest_inprocess(*(["--scenario-lang=zh"] if how == "option" else []))

    result.stdout.fnmatch_lines(
        ["*场景“nothing is won without a contract”", "*预期判定：通过", "*引擎的说明：", "*合同*"]
    )


def test_a_strange_language(pytester):
    """
    A setting that names no language is refused before anything runs.
    """
    pytester.makeini("[pytest]\nscenario_lang = de\n")
    result = pytester.runpytest_inprocess()

    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["*scenario_lang is 'de'. Use en or zh.*"])


def test_scenarios_with_faults(pytester):
    """
    A file with faults is told whole, with lines, and none of it runs.
    """
    text = SCENARIOS.replace('"win"', '"wim"').replace('stage = "won"', 'stag = "won"')
    pytester.path.joinpath("deals.scenario.toml").write_text(text, "utf-8")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(errors=1)

    result.stdout.fnmatch_lines(
        [
            "*deals.scenario.toml: * faults, no warnings:",
            "*scenario?1?.when?0?.fire (line 14): there is no trigger 'wim'*Did you mean 'win'?",
            "*scenario?1?.then.stag (line 17): unknown key 'stag'*Did you mean 'stage'?",
        ]
    )


def test_other_failures_have_a_traceback(pytester, monkeypatch):
    """
    What is no failed scenario is shown as any other failure.
    """

    def broken(scenario):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("salesflow.testing._scenario.run.run_scenario", broken)
    pytester.path.joinpath("deals.scenario.toml").write_text(SCENARIOS, "utf-8")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=2)

    result.stdout.fnmatch_lines(["*ZeroDivisionError: oops*"])
