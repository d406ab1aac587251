"""
Parts that the screens of all commands share: languages, tables, numbers.
"""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, Final, TypeAlias, TypeVar

import click
from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

from .._lifecycle.lifecycle import Lifecycle
from .._model.messages import Wording
from .._model.values import Label, Lang
from .._model.verdict import Remedy
from ..errors import PluginError, plain, say
from ..plugins._registry import Plugins
from ._language import language_of


_LANG_HELP: Final = "Language of labels and messages, any tag such as en, zh or zh-CN.  [default: that of the system]"

F = TypeVar("F", bound=Callable[..., Any])

Part: TypeAlias = str | tuple[str, str]
"""A piece of a line: a text, or a text and its style."""


def _of_run(ctx: click.Context, _param: click.Parameter, _value: str | None) -> Lang:
    return language_of(ctx)


def lang_option(command: F) -> F:
    """
    Give a command ``--lang``; what it is called with is the language of the run, see :func:`asked_language`.
    """
    return click.option("--lang", metavar="TAG", callback=_of_run, help=_LANG_HELP)(command)


json_option: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
"""Gives a command ``--json``."""

_SIGNS: Final = str.maketrans(
    {"→": "->", "✗": "x", "×": "x", "–": "-", "—": "-", "…": "...", "·": "-", "≤": "<=", "≥": ">=", "≠": "!=", "↑": "^"}
)
"""How the signs of the screens are written where a terminal has none of them."""


def _replaced(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 -- it is set for what is written only
    written = error.object[error.start : error.end].translate(_SIGNS)
    return "".join(sign if sign.isascii() else "?" for sign in written), error.end


def write_anywhere() -> None:
    """
    Let the screens be written on a terminal of any encoding: a sign that it does not have is replaced.
    """
    codecs.register_error("salesflow", _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="salesflow")


def screen(*, stderr: bool = False) -> Console:
    """
    Return where to print: colours and width of the terminal, plain text elsewhere.

    No text is read as markup or as the name of an emoji.
    """
    return Console(highlight=False, markup=False, emoji=False, stderr=stderr)


def line(*parts: Part) -> Text:
    """
    Put together one line of a screen; whatever would break it, or act on the terminal, is written out.
    """
    return Text.assemble(*(plain(part) if isinstance(part, str) else (plain(part[0]), part[1]) for part in parts))


def print_line(console: Console, *parts: Part) -> None:
    """
    Print one line, without breaking it.
    """
    console.print(line(*parts), soft_wrap=True)


def echo(text: str, *, err: bool = False) -> None:
    """
    Print one line without any style, whatever is in it.
    """
    click.echo(plain(text), err=err)


def fill(shown: Table, *cells: Part | RenderableType) -> None:
    """
    Add a row to a table; texts are lines, and what is ready to be shown is taken as it is.
    """
    shown.add_row(*(line(cell) if isinstance(cell, (str, tuple)) else cell for cell in cells))


def lines(several: Iterable[Text]) -> Text:
    """
    Put lines below each other, for a cell.
    """
    return Text("\n").join(several)


_LEFT_OUT: Final = "salesflow.left_out"


def _leave_out(ctx: click.Context, _param: click.Parameter, names: tuple[str, ...]) -> None:
    ctx.meta[_LEFT_OUT] = (*left_out(), *names)


def without_option(command: click.Command) -> None:
    """
    Give a command, and the commands in it, ``--no-plugin``.
    """
    text = "Leave out an installed plugin, by its name or that of its distribution; repeatable."
    option = click.Option(
        ["--no-plugin"], multiple=True, metavar="NAME", expose_value=False, callback=_leave_out, help=text
    )
    command.params.append(option)
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        without_option(inner)


def left_out() -> tuple[str, ...]:
    """
    Return the plugins that the caller of the running command leaves out.
    """
    ctx = click.get_current_context(silent=True)
    found: tuple[str, ...] = ctx.meta.get(_LEFT_OUT, ()) if ctx else ()
    return found


def installed() -> Plugins:
    """
    Return the built-in and the installed plugins; a faulty plugin is reported on stderr and left out.
    """
    return Plugins.installed(without=left_out(), report=_tell)


def _tell(error: PluginError) -> None:
    lang = language_of(click.get_current_context(silent=True))
    echo(f"salesflow: {say('cli.left_out', error=error).text(lang)}", err=True)


def print_json(data: Any) -> None:
    """
    Print data as JSON that people can read, too.
    """
    text = json.dumps(data, ensure_ascii=False, indent=2)
    if plain(text, lines=True) != text or not sys.stdout.encoding.lower().startswith("utf"):
        # JSON has its own way to write what acts or cannot be written, so nothing is lost.
        text = json.dumps(data, indent=2).replace("\x7f", "\\u007f")
    click.echo(text)


def table(heads: Iterable[Label], lang: Lang, right: Sequence[int] = ()) -> Table:
    """
    Return an empty table with these heads; *right* are the places of columns of numbers.
    """
    columns = (
        Column(head.text(lang), justify="right" if place in right else "left", overflow="fold", no_wrap=place == 0)
        for place, head in enumerate(heads)
    )
    return Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)


def padded(text: str, width: int) -> str:
    """
    Fill a text with blanks to a width in cells of a terminal, where Chinese characters take two.
    """
    return text + " " * max(0, width - cell_len(text))


def named(label: Label, fallback: str, lang: Lang) -> str:
    """
    Return a label, or the id of what has none.
    """
    return label.text(lang) or fallback


def remedy_name(remedy: Remedy, wording: Wording, lang: Lang) -> str:
    """
    Return what people call what a remedy is about, with its type if it has one.
    """
    sort = "artefact" if remedy.kind == "approval" and "subject" in remedy.params else remedy.kind
    name, of_type = wording.label(sort, remedy.name).text(lang), remedy.params.get("type", "")
    return f"{name} {wording.label(remedy.name, of_type).text(lang)}".rstrip()


def part_name(lifecycle: Lifecycle, kind: str, name: str, lang: Lang) -> str:
    """
    Return what a stage, a transition, a field or an outcome of a lifecycle is called.
    """
    return lifecycle.wording.label(kind, name).text(lang)


def percent(ratio: float | None) -> str:
    """
    Write a ratio from 0 to 1 as a percentage with two decimals; a dash for none.
    """
    return "–" if ratio is None else f"{100 * ratio:.2f} %"


def ranges(numbers: Sequence[int], *, most: int | None = None) -> str:
    """
    Write ascending numbers in short form: ``2–5, 9``; of more than *most* parts the first, and a sign.
    """
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    more = ["…"] if most is not None and len(parts) > most else []
    return ", ".join([*("–".join(map(str, part)) for part in parts[:most]), *more])


@contextmanager
def progress_bar(console: Console, word: str) -> Generator[Callable[[int, int], None]]:
    """
    Show a bar on a terminal; yield what moves it, called with how many are done and how many there are.
    """
    parts = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*parts, console=console, transient=True) as bar:
        task = bar.add_task(word, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
