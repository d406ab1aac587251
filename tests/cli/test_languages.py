"""
The language of the command line: help, wrong arguments, errors.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import click

from salesflow.cli import main

from ..cases import over_cases


HELP = tomllib.loads(files("salesflow.cli").joinpath("help.zh.toml").read_text("utf-8"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def commands(command=main, path=""):
    """
    Yield every command with its path below ``salesflow``.
    """
    yield path, command
    for name, inner in command.commands.items() if isinstance(command, click.Group) else ():
        yield from commands(inner, f"{path} {name}".strip())


def wanted():
    """
    Return what has a help in English, by the path of its command.
    """
    found = {"*": {"-h"}}
    for path, command in commands():
        options = {param.opts[0] for param in command.params if isinstance(param, click.Option)}
        found["*"] |= options & HELP["*"].keys()
        found[path] = {"help"} | ({"short_help"} if command.short_help else set()) | options - HELP["*"].keys()
    return found


def test_every_command_and_option_has_a_help_in_both_languages():
    """
    Each help that is written in English is there in Chinese, and no other one is.
    """
    # A command without a short help of its own may have one in Chinese, where a sentence cannot be cut.
    written = {path: set(texts) for path, texts in HELP.items()}
    short = {path: each - {"short_help"} for path, each in written.items()}

    assert {path: each - {"short_help"} for path, each in wanted().items()} == short
    assert [] == [path for path, each in wanted().items() if "short_help" in each and "short_help" not in written[path]]
    assert [] == [(p, name) for p, texts in HELP.items() for name, text in texts.items() if not CHINESE.search(text)]


@over_cases(("path", "command"), list(commands()))
def test_the_help_is_in_the_language_of_the_run(run, path, command):
    """
    The help is Chinese wherever the language stands among the arguments, and English again in the next run.
    """
    asked = [("--lang=zh", *path.split(), "-h")]
    if any("--lang" in param.opts for param in command.params):
        asked.append((*path.split(), "-h", "--lang", "zh"))
    shown = {run(*args).stdout for args in asked}
    english = run(*path.split(), "--help").stdout

    assert 1 == len(shown)
    assert not CHINESE.search(english)
    assert all(CHINESE.search(part) for part in re.split(r"\n  +(?=-)", shown.pop()))


def test_the_help_of_a_system_in_chinese(run, monkeypatch):
    """
    Without ``--lang`` the language of the system holds.
    """
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert "用法：main check [OPTIONS] FILE|NAME" == run("check", "-h").stdout.splitlines()[0]


def test_the_columns_of_help_in_chinese(run):
    """
    The texts begin in one column, and no line is wider than the terminal.
    """
    lines = run("plugins", "-h", "--lang", "zh").stdout.splitlines()

    assert "  -h, --help        显示帮助并退出。" == lines[-1]


@over_cases(
    ("args", "english", "chinese"),
    [
        (("chek",), "No such command 'chek'", "没有命令 'chek'。是否应为 'check'？"),
        (("check",), "Missing argument 'FILE|NAME'.", "缺少 'FILE|NAME'。"),
        (("check", "--strct"), "No such option", "没有选项 '--strct'。是否应为 '--strict'？"),
        (
            ("store", "dead", "x", "--limit", "0"),
            "0 is not in the range x>=1.",
            "'--limit' 的值不可用：0 超出范围 x>=1。",
        ),
        (("store", "dead", "x", "--limit", "a"), "'a' is not a valid integer range.", "'a' 不是所要求的数值。"),
        (("replay", "x.csv"), "File 'x.csv' does not exist.", "'FILE.csv' 的值不可用：'x.csv' 不存在。"),
        (("path", "x", "--also", "y"), "'y' is not one of 'hold', 'exit'.", "'y' 不在可选值中：'hold', 'exit'。"),
        (("kpi", "win_rate", "--store", "x", "--as-of", "y"), "'y' does not match the formats", "'y' 不符合格式 "),
        (("kpi", "win_rate"), "Missing '--store'.", "缺少 '--store'。"),
        (("waiting", "--store", "x"), "Missing '--role' or '--who'.", "缺少 '--role' 或 '--who'。"),
        (
            ("--no-plugin", "salesflow-report", "report"),
            "comes with the plugin salesflow-report",
            "由插件 salesflow-report 提供",
        ),
        (("schema", "x"), "Got unexpected extra argument (x)", "错误：多余的参数：x"),
        (("mutate", "simple_deal"), "Which tests?", "要运行哪些测试？"),
    ],
)
def test_wrong_arguments(run, args, english, chinese):
    """
    What is wrong with the arguments is said in the language of the run, with how to get help.
    """
    told, translated = run(*args), run("--lang", "zh", *args)

    assert (2, True) == (told.exit_code, english in told.stderr)
    assert (2, True) == (translated.exit_code, chinese in translated.stderr)
    assert "用法：" in translated.stderr
    assert "查看帮助。" in translated.stderr


def test_an_option_without_its_value(run):
    """
    It is said as well, in the language of the run.
    """
    told, translated = run("show", "simple_deal", "--lang"), run("--lang", "zh", "check", "x", "--no-plugin")

    assert (2, "Error: Option '--lang' requires an argument.\n") == (told.exit_code, told.stderr)
    assert (2, "错误：选项 '--no-plugin' 缺少值。\n") == (translated.exit_code, translated.stderr)


def test_an_error(run):
    """
    An error is said in the language of the run.
    """
    done = run("show", "simple_deals", "--lang", "zh-CN")

    assert 2 == done.exit_code
    assert done.stderr.startswith(
        "salesflow: simple_deals：1 个错误，没有警告：\n  - 流程定义：'simple_deals' 不是流程定义"
    )
    assert done.stderr.endswith("是否应为 'simple_deal'？\n")
