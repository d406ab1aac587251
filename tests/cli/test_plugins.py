"""
``salesflow plugins`` lists what is installed, in both languages, and ends with 1 where something is wrong.
"""

from __future__ import annotations

import pytest

from salesflow import effects, guards
from salesflow.errors import PluginError
from salesflow.plugins import Survey


GOOD = Survey(
    "salesflow_house",
    "2.1",
    "house 2.1",
    ("salesflow_guards", "salesflow_kpis", "salesflow_score", "salesflow_cli"),
    {"guard": ("house.open",), "kpi": ("house.share",)},
)
BAD = Survey("broken", problem=PluginError("broken", "it cannot be loaded.", remedy="Install it again."))


@pytest.mark.parametrize(
    ("lang", "brought"),
    [
        ("en", "guards: house.open; figures: house.share; scores; commands"),
        ("zh", "门禁：house.open；指标：house.share；评分；命令"),
    ],
)
def test_sound_plugins(run, monkeypatch, lang, brought):
    """
    A plugin is listed with its version, its distribution and what it brings.
    """
    monkeypatch.setattr("salesflow.cli._plugins.survey", lambda **_: (GOOD,))
    done = run("plugins", "--lang", lang)

    assert 0 == done.exit_code
    assert brought in " ".join(done.stdout.split())


def test_built_ins_are_counted(run):
    """
    Where there are many names, only their number is shown.
    """
    done = run("plugins")
    told = " ".join(done.stdout.split())

    assert 0 == done.exit_code
    assert f"guards: {len(guards.BUILT_IN)}; effects: {len(effects.BUILT_IN)}; entries: " in told


@pytest.mark.parametrize(
    ("lang", "said", "named"),
    [("en", "cannot be used", "plugin 'broken': "), ("zh", "无法使用", "插件 'broken'：")],
)
def test_faulty_plugin(run, monkeypatch, lang, said, named):
    """
    A faulty plugin is listed with the others, its problem goes to stderr, and the exit status is 1.
    """
    monkeypatch.setattr("salesflow.cli._plugins.survey", lambda **_: (GOOD, BAD))
    done = run("plugins", "--lang", lang)

    assert (1, True) == (done.exit_code, said in done.stdout)
    assert f"salesflow: {named}it cannot be loaded. Install it again.\n" == done.stderr


@pytest.fixture
def install(tmp_path, monkeypatch):
    """
    Install a plugin of a name, from the text of its module.
    """

    def install(name, text):
        (tmp_path / f"salesflow_{name}.py").write_text(text, "utf-8")
        info = tmp_path / f"salesflow_{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: salesflow-{name}\nVersion: 1.0\n", "utf-8")
        (info / "entry_points.txt").write_text(f"[salesflow]\n{name} = salesflow_{name}\n", "utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))

    return install


@pytest.fixture
def faulty(install):
    """
    Install a plugin that ends the program while it is imported.
    """
    install("faulty", "raise SystemExit(3)\n")


COMMAND = """
import click
from salesflow import hookimpl

@click.command("{name}")
def command():
    "Say hello."
    click.echo("hello")

command.help_zh = {{"help": "打个招呼。"}}

@hookimpl
def salesflow_cli():
    {body}
"""


def test_a_plugin_adds_a_command(run, install):
    """
    A command of a plugin is listed and run like the others, and its help is in the language of the run.
    """
    install("hallo", COMMAND.format(name="hello", body="return (command,)"))

    assert "hello" in run("--help").stdout
    assert "hello\n" == run("hello").stdout
    assert "打个招呼。" in run("--lang", "zh", "hello", "--help").stdout


@pytest.mark.parametrize(
    ("number", "name", "body", "said"),
    [
        (1, "hello", "return (3,)", "salesflow_cli"),
        (2, "hello", "raise ValueError('no luck')", "no luck"),
        (3, "kpi", "return (command,)", "'kpi'"),
        (4, "hello", "return (command, command)", "'hello'"),
    ],
)
def test_a_faulty_command_is_named(run, install, number, name, body, said):
    """
    What is no command, a hook that raises, and a name that is taken are said on stderr; other commands work.
    """
    install(f"bad{number}", COMMAND.format(name=name, body=body))
    done = run("--help")

    assert (0, True) == (done.exit_code, f"bad{number}" in done.stderr)
    assert said in done.stderr
    assert "hello" not in done.stdout
    assert 0 == run("show", "simple_deal").exit_code


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            (
                "plugin 'faulty', distribution 'salesflow-faulty 1.0': it cannot be loaded (SystemExit: 3). "
                "Install it again, or remove it. It is left out.\n"
            ),
        ),
        (
            "zh",
            (
                "插件 'faulty'、发行包 'salesflow-faulty 1.0'：无法加载（SystemExit：3）。 "
                "请重新安装，或将其卸载。 已忽略该插件。\n"
            ),
        ),
    ],
)
def test_a_faulty_plugin_stops_no_command(run, faulty, lang, said):
    """
    A command works without the plugin that cannot be used, and says so on stderr.
    """
    done = run("--lang", lang, "show", "simple_deal")

    assert 0 == done.exit_code
    assert said in done.stderr


def test_settings(run, tmp_path, monkeypatch):
    """
    The list of plugins has the class of settings of each, and ``show`` the settings of a definition, but no secret.
    """
    monkeypatch.setenv("SALES_SECRET", "whsec_" + "QUJD" * 8)
    deal = tmp_path / "deal.toml"
    table = 'url = "https://example.com/"\nsecrets = { env = "SALES_SECRET" }\n'
    stages = 'stages = [ { id = "offer", kind = "open" }, { id = "won", kind = "won" } ]'
    edges = 'transitions = [ { id = "win", source = "offer", target = "won" } ]'
    deal.write_text(f'id = "deal"\n{stages}\n{edges}\n[plugins.webhook]\n{table}', "utf-8")
    shown = run("show", str(deal))

    assert "settings: WebhookSettings(url, secrets" in " ".join(run("plugins").stdout.split())
    assert ["secrets webhook {env: SALES_SECRET}", "url webhook https://example.com/"] == sorted(
        " ".join(line.split()) for line in shown.stdout.splitlines() if "webhook" in line
    )
    assert "QUJD" not in shown.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("--no-plugin", "faulty", "show", "simple_deal"),
        ("show", "simple_deal", "--no-plugin", "salesflow-faulty"),
        ("plugins", "--no-plugin", "faulty"),
    ],
    ids=["before", "after", "plugins"],
)
def test_a_plugin_is_left_out(run, faulty, words):
    """
    Any command leaves out a plugin, quietly.
    """
    done = run(*words)

    assert (0, "") == (done.exit_code, done.stderr)


def test_every_command_can_leave_out_a_plugin(run):
    """
    The option stands in the help of the group, of a command, and of a command inside another.
    """
    asked = [(), ("show",), ("store",), ("store", "verify"), ("check",), ("templates",)]

    assert [True] * 6 == ["--no-plugin NAME" in run(*words, "--help").stdout for words in asked]


def test_a_plugin_that_is_not_installed(run, faulty):
    """
    A misspelt plugin is no plugin that is left out.
    """
    done = run("show", "simple_deal", "--no-plugin", "fautly")

    assert 2 == done.exit_code
    assert "Did you mean 'faulty'?" in done.stderr
