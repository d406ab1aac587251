"""
The language of a run of the command line: of its help, its messages about arguments, and errors.

The help is written in English at each command and option; ``help.zh.toml`` has it in Chinese, by the path of the
command and the name of the option.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from itertools import pairwise, takewhile
from typing import Any, Final

import click
from rich.console import Console
from rich.text import Text

from .._model.values import Lang, language
from ..errors import plain, say


_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")  # the order of POSIX; the first that is set and not empty holds
_HEADS: Final = {"Options": "选项", "Commands": "命令"}
_EXTRAS: Final = {"[required]": "[必填]", "[default: ": "[默认："}


def asked_language(args: Iterable[str]) -> Lang:
    """
    Return the language that the arguments of a run ask for, with the last ``--lang``, or else that of the system.
    """
    found = next(filter(None, map(os.environ.get, _LOCALE)), "en")
    for arg, following in pairwise([*takewhile(lambda each: each != "--", args), ""]):
        if arg == "--lang":
            found = following
        elif arg.startswith("--lang="):
            found = arg.removeprefix("--lang=")
    return language(found)


def language_of(ctx: click.Context | None) -> Lang:
    """
    Return the language of the running command.
    """
    return "zh" if ctx is not None and ctx.obj == "zh" else "en"


@cache
def chinese_help() -> Mapping[str, Mapping[str, str]]:
    """
    Return the help in Chinese: by the path of a command, and by ``help``, ``short_help`` or the name of an option.

    Options that many commands share are under ``*``.
    """
    return tomllib.loads(files("salesflow.cli").joinpath("help.zh.toml").read_text("utf-8"))


class HelpContext(click.Context):
    """
    The context of a command whose help is written in the language of the run.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        # A command keeps its option for help from its first run, which may be one without its group.
        super().__init__(*args, **{"help_option_names": ["-h", "--help"], **options})

    def get_help(self) -> str:
        """
        Return the help of the command.
        """
        with _in_chinese(self) if language_of(self) == "zh" else _as_written():
            return super().get_help()


@contextmanager
def _as_written() -> Generator[None]:
    yield


def _texts_of(path: str, command: click.Command) -> Mapping[str, str]:
    """
    Return the help of a command in Chinese; a plugin's command has its own.
    """
    return chinese_help().get(path) or getattr(command, "help_zh", None) or {}


@contextmanager
def _in_chinese(ctx: click.Context) -> Generator[None]:
    path = ctx.command_path.partition(" ")[2]
    texts, shared = _texts_of(path, ctx.command), chinese_help()["*"]
    before: list[tuple[Any, str, Any]] = []

    def put(thing: Any, name: str, text: str | None) -> None:
        before.append((thing, name, getattr(thing, name)))
        setattr(thing, name, text or before[-1][2])

    put(ctx.command, "help", texts.get("help"))
    for param in ctx.command.get_params(ctx):
        if isinstance(param, click.Option):
            put(param, "help", texts.get(param.opts[0]) or shared.get(param.opts[0]))
    for name, inner in ctx.command.commands.items() if isinstance(ctx.command, click.Group) else ():
        own = _texts_of(f"{path} {name}".strip(), inner)
        put(inner, "short_help", own.get("short_help") or own.get("help"))
    try:
        yield
    finally:
        for thing, name, text in before:
            setattr(thing, name, text)


class _Formatter(click.HelpFormatter):
    """
    Help in the language of the run; Chinese is broken by the width of its characters, not at blanks.
    """

    def _chinese(self) -> bool:
        return language_of(click.get_current_context(silent=True)) == "zh"

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, "用法：" if self._chinese() else prefix)

    def write_heading(self, heading: str) -> None:
        if self._chinese():
            self.write(f"{'':{self.current_indent}}{_HEADS.get(heading, heading)}：\n")
        else:
            super().write_heading(heading)

    def write_text(self, text: str) -> None:
        if not self._chinese():
            super().write_text(text)
            return
        for line in _broken(text, self.width - self.current_indent):
            self.write(f"{'':{self.current_indent}}{line}".rstrip() + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], *rest: Any, **options: Any) -> None:
        if not self._chinese():
            super().write_dl(rows, *rest, **options)
            return
        rows = tuple(rows)
        first = max(len(name) for name, _ in rows) + 2
        for name, text in rows:
            for english, chinese in _EXTRAS.items():
                text = text.replace(english, chinese)  # noqa: PLW2901 -- one after the other
            for number, line in enumerate(_broken(text, self.width - self.current_indent - first)):
                self.write(f"{'':{self.current_indent}}{'' if number else name:{first}}{line}\n")


HelpContext.formatter_class = _Formatter


def _broken(text: str, width: int) -> list[str]:
    lines = Text(text.strip()).wrap(Console(width=width), width)
    return [line.plain.rstrip() for line in lines]


class _UsageError(click.UsageError):
    """
    What is wrong with the arguments of a run, in its language.
    """

    def __init__(self, message: str, ctx: click.Context | None, lang: Lang) -> None:
        super().__init__(message, ctx)
        self.lang = lang

    def show(self, file: Any = None) -> None:
        if self.ctx is not None:  # the parser of options gives none to its errors
            with self.ctx.scope(cleanup=False):
                usage, more = self.ctx.get_usage(), say("cli.try", command=self.ctx.command_path).text(self.lang)
            click.echo(f"{usage}\n{more}\n", file=file, err=True)
        click.echo(say("cli.error", message=self.message).text(self.lang), file=file, err=True)


@contextmanager
def usage_errors(lang: Lang) -> Generator[None]:
    """
    Have what is wrong with arguments said in a language, and whatever would act on the terminal written out.
    """
    try:
        yield
    except click.UsageError as error:
        text = _said(error) if lang == "zh" and not isinstance(error, _UsageError) else error.format_message()
        raise _UsageError(plain(text, lines=True), error.ctx, lang) from None


_EXTRA: Final = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)
_WHY: Final = {
    "cli.not_there": re.compile(r"(?:File|Directory|Path) (.+) does not exist\.", re.DOTALL),
    "cli.no_number": re.compile(r"(.+) is not a valid (?:integer|float)(?: range)?\.", re.DOTALL),
    "cli.range": re.compile(r"(.+) is not in the range (.+)\.", re.DOTALL),
    "cli.choice": re.compile(r"(.+) is not one of (.+)\.", re.DOTALL),
    "cli.time": re.compile(r"(.+) does not match the formats? (.+)\.", re.DOTALL),
}
"""What click says of a value, by the code that says the same."""


def _said(error: click.UsageError) -> str:
    """
    Return what is wrong in Chinese, for the kinds of mistakes that people make.
    """
    given: Any = error
    kind = type(error).__name__
    near = next(iter(getattr(given, "possibilities", None) or ()), None)
    if kind == "NoSuchOption":
        return say("cli.no_option", name=given.option_name, near=near).text("zh")
    if kind == "BadOptionUsage":
        return say("cli.no_value", name=given.option_name).text("zh")
    if kind == "NoSuchCommand":
        return say("cli.no_command", name=given.command_name, near=near).text("zh")
    if isinstance(error, click.BadParameter) and error.param is not None:
        name = error.param.get_error_hint(error.ctx)
        if isinstance(error, click.MissingParameter):
            return say("cli.missing", name=name).text("zh")
        why = ((code, pattern.fullmatch(error.message)) for code, pattern in _WHY.items())
        known = next((say(code, given=found[1], known=found[found.re.groups]) for code, found in why if found), None)
        return say("cli.value", name=name, why=known or error.message).text("zh")
    if extra := _EXTRA.fullmatch(error.message):
        return say("cli.extra", given=extra[1]).text("zh")
    return error.message
