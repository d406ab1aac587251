"""
Parts that the screens of all commands share: languages, tables, numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import click
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from .._model.values import Label, Lang
from ..plugins._registry import Plugins


LANG_CHOICE: Final = click.Choice(["en", "zh"])

F = TypeVar("F", bound=Callable[..., Any])


def _from_group(ctx: click.Context, _param: click.Parameter, value: Lang | None) -> Lang:
    found: Any = value or ctx.find_root().params.get("lang") or "en"
    return found  # type: ignore[no-any-return]


def lang_option(command: F) -> F:
    """
    Give a command ``--lang``; without it, the one of the group holds.
    """
    text = "Language of labels and messages.  [default: en]"
    return click.option("--lang", type=LANG_CHOICE, callback=_from_group, help=text)(command)


def screen(*, stderr: bool = False) -> Console:
    """
    Return where to print: colours and width of the terminal, plain text elsewhere.
    """
    return Console(highlight=False, stderr=stderr)


def installed() -> Plugins:
    """
    Return the built-in and the installed plugins.
    """
    return Plugins.installed()


def print_json(data: Any) -> None:
    """
    Print data as JSON that people can read, too.
    """
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def table(*columns: str, right: Sequence[int] = ()) -> Table:
    """
    Return an empty table with these heads; *right* are the places of columns of numbers.
    """
    heads = (
        Column(head, justify="right" if place in right else "left", overflow="fold", no_wrap=place == 0)
        for place, head in enumerate(columns)
    )
    return Table(*heads, box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)


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
