"""
The command itself: languages, errors, the installed script, and a machine without the extra.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import salesflow as sf
import salesflow.cli


SCRIPT = Path(sys.executable).with_name("salesflow")


@pytest.mark.slow
@pytest.mark.skipif(not SCRIPT.exists(), reason="the package is not installed beside this Python")
def test_the_installed_script():
    """
    The script that the distribution installs answers, and an error is a message and not a traceback.
    """
    version = subprocess.run([SCRIPT, "--version"], capture_output=True, text=True, check=False)
    wrong = subprocess.run([SCRIPT, "show", "simple_deals"], capture_output=True, text=True, check=False)

    assert (f"salesflow {sf.__version__}\n", "", 0) == (version.stdout, version.stderr, version.returncode)
    assert ("", 2) == (wrong.stdout, wrong.returncode)
    assert wrong.stderr.startswith("salesflow: simple_deals: 1 fault")
    assert "Did you mean 'simple_deal'?" in wrong.stderr


@pytest.mark.untraced
@pytest.mark.parametrize("args", [("--lang", "zh", "templates"), ("templates", "--lang", "zh")])
def test_the_language(run, args):
    """
    The language may be given before or after the command.
    """
    done = run(*args)

    assert (0, True) == (done.exit_code, "用途" in done.stdout)


def test_the_language_of_the_command_wins(run):
    """
    A language after the command goes before the one of the group.
    """
    assert "What it is for" in run("--lang", "zh", "templates", "--lang", "en").stdout


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            FileNotFoundError(2, "No such file or directory", "deal.toml"),
            "salesflow: deal.toml: No such file or directory\n",
        ),
        (OSError("the disk is gone"), "salesflow: the disk is gone\n"),
        (sf.errors.UnknownProjectError("P-1"), "salesflow: project 'P-1' is not in this store."),
        (sf.errors.StoreFullError("no room"), "salesflow: no room\n"),
    ],
)
def test_errors(run, monkeypatch, error, said):
    """
    An error is one message on stderr and the exit status 2.
    """

    def broken():
        raise error

    monkeypatch.setattr("salesflow.cli._show.installed", broken)
    done = run("templates")

    assert (2, "", True) == (done.exit_code, done.stdout, done.stderr.startswith(said))


def test_a_reader_that_went_away(run, monkeypatch):
    """
    A closed pipe ends the command without a word.
    """

    def broken():
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("salesflow.cli._show.installed", broken)
    done = run("templates")

    assert (1, "", "") == (done.exit_code, done.stdout, done.stderr)


def fresh_door(monkeypatch, missing):
    for name in [name for name in sys.modules if name.startswith("salesflow.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    path = Path(salesflow.cli.__file__)
    spec = importlib.util.spec_from_file_location("salesflow.cli", path, submodule_search_locations=[str(path.parent)])
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "salesflow.cli", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("missing", ["click", "rich.text"])
def test_without_the_extra(monkeypatch, capsys, missing):
    """
    Without click or rich the command says how to install them.
    """
    door = fresh_door(monkeypatch, missing)
    with pytest.raises(SystemExit) as raised:
        door.main()

    assert 2 == raised.value.code
    assert "salesflow: the command line needs click and rich. They come with the extra salesflow[cli].\n" == (
        capsys.readouterr().err
    )


def test_another_module_is_missing(monkeypatch):
    """
    A module of ours that cannot be imported is not taken for the extra.
    """
    with pytest.raises(ModuleNotFoundError, match=r"salesflow\.exchange"):
        fresh_door(monkeypatch, "salesflow.exchange")


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("given", "chinese"),
    [
        ({"LC_ALL": "zh_CN.UTF-8"}, True),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "en_US"}, True),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh"}, True),
        ({"LC_ALL": "C", "LANG": "zh_CN"}, False),
    ],
)
def test_the_language_of_the_system(run, monkeypatch, given, chinese):
    """
    Where no language is asked for, that of the system holds.
    """
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    assert chinese is ("用途" in run("templates").stdout)


def test_a_usage_error_does_not_act(run):
    """
    What is wrong with an argument is told without the signs that act.
    """
    done = run("show", "simple_deal", "\x1b[2J")

    assert (2, False, True) == (done.exit_code, "\x1b" in done.stderr, r"\x1b[2J" in done.stderr)
