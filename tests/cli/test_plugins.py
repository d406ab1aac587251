"""
``salesflow plugins`` lists what is installed, in both languages, and ends with 1 where something is wrong.
"""

from __future__ import annotations

import pytest

from salesflow.errors import PluginError
from salesflow.plugins import Survey


GOOD = Survey(
    "salesflow_house", "2.1", "house 2.1", ("salesflow_guards", "salesflow_score"), {"guard": ("house.open",)}
)
BAD = Survey("broken", problem=PluginError("broken", "it cannot be loaded.", remedy="Install it again."))


@pytest.mark.parametrize(("lang", "brought"), [("en", "guards: house.open; scores"), ("zh", "门禁：house.open；评分")])
def test_sound_plugins(run, monkeypatch, lang, brought):
    """
    A plugin is listed with its version, its distribution and what it brings.
    """
    monkeypatch.setattr("salesflow.cli._plugins.survey", lambda: (GOOD,))
    done = run("plugins", "--lang", lang)

    assert 0 == done.exit_code
    assert brought in done.stdout


def test_built_ins_are_counted(run):
    """
    Where there are many names, only their number is shown.
    """
    done = run("plugins")

    assert 0 == done.exit_code
    assert "guards: 30; effects: notify, set_field, create_task, set_forecast" in " ".join(done.stdout.split())


@pytest.mark.parametrize(("lang", "said"), [("en", "cannot be used"), ("zh", "无法使用")])
def test_faulty_plugin(run, monkeypatch, lang, said):
    """
    A faulty plugin is listed with the others, its problem goes to stderr, and the exit status is 1.
    """
    monkeypatch.setattr("salesflow.cli._plugins.survey", lambda: (GOOD, BAD))
    done = run("plugins", "--lang", lang)

    assert (1, True) == (done.exit_code, said in done.stdout)
    assert "salesflow: plugin 'broken': it cannot be loaded. Install it again.\n" == done.stderr
