"""
``salesflow plugins`` and ``new-plugin``: what is installed, with its problems, and how to begin another.
"""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

import click

from .._model.values import Label, Lang, is_name
from ..errors import InputError, say
from ..plugins._registry import Survey, survey
from ._output import echo, fill, lang_option, left_out, screen, table


_HEADS: Final = (
    Label("Plugin", "插件"),
    Label("Version", "版本"),
    Label("Distribution", "发行包"),
    Label("Contributes", "提供"),
)
_WHAT: Final = {
    "guard": Label("guards", "门禁"),
    "effect": Label("effects", "附带动作"),
    "entry": Label("entries", "档案条目"),
    "lifecycle": Label("lifecycles", "生命周期"),
    "store": Label("stores", "存储"),
    "kpi": Label("figures", "指标"),
    "settings": Label("settings", "设置"),
}
_MANY: Final = 6  # names are listed up to so many, and counted beyond
_HOOKED: Final = {
    "salesflow_stage_rules": Label("stage rules", "阶段规则"),
    "salesflow_score": Label("scores", "评分"),
    "salesflow_check_risks": Label("risk checks", "风险检查"),
    "salesflow_calendars": Label("calendars", "日历"),
    "salesflow_recurrences": Label("recurrences", "重复规则"),
    "salesflow_cli": Label("commands", "命令"),
    "salesflow_notify": Label("delivers notices", "投递通知"),
    "salesflow_directory": Label("looks up addressees", "查找收件人"),
    "salesflow_committed": Label("listens to commits", "提交后通知"),
}


@click.command(short_help="List what is installed, what it brings, and its problems.")
@lang_option
def plugins(lang: Lang) -> None:
    """
    List the built-ins and every installed plugin. The exit status is 1 if one of them cannot be used.
    """
    found = survey(without=left_out())
    shown = table(_HEADS, lang)
    for one in found:
        fill(shown, one.name, one.version or "–", one.distribution or "–", _brought(one, lang))
    screen().print(shown)
    problems = [one.problem for one in found if one.problem is not None]
    for problem in problems:
        echo(f"salesflow: {problem.text(lang)}", err=True)
    if problems:
        raise SystemExit(1)


def _brought(one: Survey, lang: Lang) -> str:
    if one.problem is not None:
        return Label("cannot be used", "无法使用").text(lang)
    comma, colon, semicolon = ("、", "：", "；") if lang == "zh" else (", ", ": ", "; ")
    parts = [
        f"{_WHAT[what].text(lang)}{colon}{comma.join(names) if len(names) <= _MANY else len(names)}"
        for what, names in one.contributes.items()
    ]
    return semicolon.join([*parts, *(_HOOKED[hook].text(lang) for hook in one.hooks if hook in _HOOKED)])


_DONE: Final = Label(
    "{folder}: {count} files. Next: cd {folder}, pip install -e '.[test]', pytest.",
    "{folder}：{count} 个文件。下一步：cd {folder}，pip install -e '.[test]'，pytest。",
)


@click.command("new-plugin", short_help="Create a plugin: a distribution with a guard, a stage rule and tests.")
@click.argument("name")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), help="The folder to create.  [default: salesflow-NAME]"
)
@lang_option
def new_plugin(name: str, into: Path | None, lang: Lang) -> None:
    """
    Create a plugin called NAME, in a folder of its own. Nothing that exists is overwritten.
    """
    if not is_name(name) or "." in name:
        raise InputError("name of a plugin", name, say("input.plugin_name"))
    module = f"salesflow_{name}"
    words = {
        "prefix": name,
        "module": module,
        "distribution": module.replace("_", "-"),
        "salesflow": ".".join(version("salesflow").split(".")[:2]),
    }
    folder = into or Path(words["distribution"])
    if folder.exists():
        raise InputError("folder", str(folder), say("input.folder_exists"))
    texts = files("salesflow.cli") / "new_plugin"
    places = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        "plugin.py": f"src/{module}/__init__.py",
        "test_plugin.py": "tests/test_plugin.py",
    }
    for source, target in places.items():
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (texts / f"{source}.txt").read_text("utf-8")
        path.write_text(Template(text).substitute(words), "utf-8")
    (folder / f"src/{module}/py.typed").touch()
    echo(_DONE.text(lang).format(folder=folder, count=len(places) + 1))
