"""
``salesflow mutate``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from ..mutation.factory import DEAL, shell


@pytest.fixture
def deal(tmp_path, monkeypatch):
    """
    A definition file in the working folder.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deal.toml").write_text(DEAL, "utf-8")
    return "deal.toml"


@pytest.mark.untraced
def test_what_survives(run, deal):
    """
    Every survivor is shown with its place, what it does, and what a test would have to show.
    """
    done = run("mutate", deal, "--only", "source_dropped", "--", *shell("case $name in [1-3]) exit 1;; esac"))
    shown, _, time = done.stdout.rstrip().rpartition(" in ")

    assert (
        """\
Survived: no test noticed

  deal.toml:70  lose.source:-talk
    lose cannot be taken from talk
    a test would show: lose is taken from talk

Mutants: 4. Killed 3 (by timeout 0), survived 1, not exercised 0, stillborn 0, ignored 0
Score 75.00 %,"""
        == shown
    )
    assert (1, " s", "") == (done.exit_code, time[-2:], done.stderr)


@pytest.mark.slow
def test_in_chinese(run, deal):
    """
    All of it, in the other language.
    """
    kinds = ("--only", "source_dropped", "--only", "transition_removed")
    done = run("mutate", deal, *kinds, "--lang", "zh", "--", *shell("case $name in [1-9]) exit 1;; esac"))
    shown = done.stdout.rstrip().rpartition("，")[0]

    assert (
        """\
存活：没有测试发现

  deal.toml:25  fast:removed
    流转 fast 不存在
    测试应当证明：执行 fast

死胎：无法构建，因此未运行

  deal.toml:60  win:removed

共 11 个变异体：杀死 9 个（其中超时 0 个），存活 1 个，未执行 0 个，死胎 1 个，忽略 0 个
得分 90.00 %"""
        == shown
    )


def test_all_killed(run, deal):
    """
    Tests that notice every mutant give status 0.
    """
    done = run("mutate", deal, "--only", "outcome_changed", "--", *shell("[ $name = original ]"))

    assert (0, "Mutants: 1. Killed 1 (by timeout 0), survived 0, not exercised 0, stillborn 0, ignored 0") == (
        done.exit_code,
        done.stdout.splitlines()[0],
    )


@pytest.mark.slow
@pytest.mark.parametrize(("percent", "status"), [(50, 0), (51, 1)])
def test_fail_under(run, deal, percent, status):
    """
    A limit for the score takes the place of "nothing survives".
    """
    half = shell("[ $name != 0 ]")

    assert status == run("mutate", deal, "--only", "outcome_dropped", "--fail-under", percent, "--", *half).exit_code


def test_fail_under_without_a_score(run, deal):
    """
    A run that says nothing about any mutant does not reach a limit.
    """
    once = [
        "sh",
        "-c",
        'case $SALESFLOW_MUTANT in */original) printf "planted\\nreached\\n" > "$SALESFLOW_MUTANT/proof.txt";; esac',
    ]
    done = run("mutate", deal, "--only", "outcome_changed", "--fail-under", 0, "--", *once)

    assert (1, ["Not exercised: the run never read the definition", "", "  deal.toml:64  win.outcome:lost"]) == (
        done.exit_code,
        done.stdout.splitlines()[:3],
    )


def test_json(run, deal):
    """
    The report as data.
    """
    done = run("mutate", deal, "--only", "outcome_changed", "--report", "json", "--", *shell("exit 0"))
    found = json.loads(done.stdout)

    assert ("deal.toml", 0.0, "win.outcome:lost", "survived") == (
        found["source"],
        found["score"],
        found["mutants"][0]["id"],
        found["mutants"][0]["status"],
    )


SMALL = f"""
id = "small"
outcomes = ["undecided", "won", "lost", "no_decision"]
stages = [{{ id = "talk" }}, {{ id = "won", kind = "won" }}, {{ id = "lost", kind = "lost" }}]
transitions = [
  {{ id = "lose", source = "talk", target = "lost", outcome = ["lost", "no_decision"], kind = "exit" }},
  {"".join(f'{{ id = "win_{number}", source = "talk", target = "won" }}, ' for number in range(10))}
]
"""
"""All of whose mutants are made in no time."""


@pytest.mark.long
def test_what_is_ignored(run, deal, tmp_path):
    """
    The mutants in a file are not run, whatever the reasons say; an id of no mutant is named.
    """
    (tmp_path / "small.toml").write_text(SMALL, "utf-8")
    (tmp_path / "known.txt").write_text("# of the outcomes\n\nlose.outcome:-lost  # 与原流程一致\n", "utf-8")
    (tmp_path / "old.txt").write_text("lose.outcome:-lots\n", "utf-8")
    asked = ("mutate", deal, "--only", "outcome_dropped", "--ignore", "known.txt", "--", *shell("exit 0"))
    done = run(*asked)
    refused = run("mutate", "small.toml", "--ignore", "old.txt", "--", *shell("exit 0"))

    assert "Mutants: 2. Killed 0 (by timeout 0), survived 1, not exercised 0, stillborn 0, ignored 1" in done.stdout
    assert " more. Did you mean 'lose.outcome:-lost'?" in refused.stderr


@pytest.mark.slow
def test_a_stopped_run_is_resumed(run, deal, tmp_path):
    """
    What is in the file is not run again, and counts in the report.
    """
    asked = ("mutate", deal, "--only", "outcome_dropped", "--resume", "progress", "--every-test", "--report", "json")
    command = shell(f"echo $name >> {tmp_path}/names; [ $name != 0 ]")
    first, second = (json.loads(run(*asked, "--", *command).stdout) for _ in range(2))

    assert first["mutants"] == second["mutants"]
    assert ["0", "1", "original", "original"] == sorted((tmp_path / "names").read_text().split())


@pytest.mark.untraced
def test_the_list(run, deal):
    """
    Without running anything, the mutants are listed.
    """
    done = run("mutate", deal, "--only", "outcome_dropped", "--list")

    assert (
        """\
  deal.toml:73  lose.outcome:-lost
    lose does not allow the outcome lost
  deal.toml:73  lose.outcome:-no_decision
    lose does not allow the outcome no_decision
Mutants: 2, stillborn 0
"""
        == done.stdout
    )


def test_the_list_as_data(run):
    """
    A built-in lifecycle has lines, too; what cannot be built says so.
    """
    listed = json.loads(run("mutate", "simple_deal", "--only", "target_changed", "--list", "--report", "json").stdout)

    assert [(132, True), (139, False), (147, True), (159, True)] == [(one["line"], one["stillborn"]) for one in listed]


def test_json_has_no_lines(run, deal, tmp_path):
    """
    Where the lines are not known, the file alone is named.
    """
    (tmp_path / "deal.json").write_text(
        '{"id": "a", "stages": [{"id": "b", "kind": "open"}, {"id": "c", "kind": "closed"}],'
        ' "transitions": [{"id": "go", "source": ["b"], "target": "c"}]}'
    )

    assert ["  deal.json  go.target:b", "  deal.json  go:removed"] == [
        line for line in run("mutate", "deal.json", "--list").stdout.splitlines() if "json" in line
    ]


def test_without_a_command(run, deal):
    """
    The tests have to be named.
    """
    done = run("mutate", deal)

    assert (2, True) == (done.exit_code, "Write them after --, for example: -- pytest -q" in done.stderr)


@pytest.mark.slow
def test_a_command_that_fails(run, deal):
    """
    What cannot be used is said in one message.
    """
    done = run("mutate", deal, "--only", "outcome_dropped", "--", "false")

    assert (
        2,
        "salesflow: command: 'false' is not usable. It fails without any mutant (exit status 1). Make it pass first.\n",
    ) == (
        done.exit_code,
        done.stderr,
    )


@pytest.mark.slow
def test_a_termination(run, deal):
    """
    A termination is treated like an interruption: it unwinds, and ends what was started.
    """
    before = signal.getsignal(signal.SIGTERM)
    done = run("mutate", deal, "--only", "outcome_dropped", "--", *shell(f"kill -TERM {os.getpid()}; sleep 60"))

    assert (1, "\nAborted!\n", before) == (done.exit_code, done.stderr, signal.getsignal(signal.SIGTERM))


def forget(monkeypatch, missing):
    """
    Make an import of this module fail, as if nothing of the testing kit had been imported yet.
    """
    for name in [name for name in sys.modules if name.startswith("salesflow.testing")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)


def test_without_pytest(run, monkeypatch):
    """
    Where pytest is not installed, the command says what brings it.
    """
    forget(monkeypatch, "pytest")
    done = run("mutate", "simple_deal", "--list")

    assert (2, "", "salesflow: mutate needs pytest. It comes with the extra salesflow[testing].\n") == (
        done.exit_code,
        done.stdout,
        done.stderr,
    )


def test_another_module_is_missing(run, monkeypatch):
    """
    A module of ours that cannot be imported is not taken for pytest.
    """
    forget(monkeypatch, "salesflow.testing.mutation")

    assert "salesflow.testing.mutation" == run("mutate", "simple_deal", "--list").exception.name


@pytest.mark.slow
def test_the_other_commands_do_without_pytest():
    """
    The command line starts without the testing kit, which is another extra.
    """
    code = "import sys; sys.modules['pytest'] = None; from salesflow.cli import main; main(['templates'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (0, "", True) == (done.returncode, done.stderr, "simple_deal" in done.stdout)
