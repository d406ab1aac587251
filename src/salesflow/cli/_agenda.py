"""
``salesflow agenda``: what is due in the projects of a store, as lines, as JSON or as iCalendar.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, time, timedelta, tzinfo
from importlib import import_module
from typing import Any, Final

import click

from .._model.messages import format_time
from .._model.values import Label, Lang
from .._model.vocabulary import who_of
from .._model.zones import local_date
from .._pipeline.pipeline import Pipeline
from .._pipeline.results import AgendaItem
from ..errors import InputError, say
from ..plugins._loading import load_lifecycle, utc_now
from ._output import echo, installed, lang_option, named, print_json, print_line, screen
from ._stored import store_option


_KINDS: Final = {
    "slot": Label("cadence", "节奏"),
    "deadline": Label("deadline", "时限"),
    "activity": Label("activity", "活动"),
    "task": Label("task", "任务"),
}
_NOTHING: Final = Label("Nothing is due from {start} to {end}.", "{start} 至 {end} 没有到期事项。")
_WEEK: Final = timedelta(days=7)


@click.command(short_help="Show what is due in the projects of a store.")
@click.argument("sources", metavar="LIFECYCLE...", nargs=-1, required=True)
@store_option
@click.option("--from", "start", type=click.DateTime(), metavar="TIME", help="From this time on.  [default: today]")
@click.option("--to", "end", type=click.DateTime(), metavar="TIME", help="Before this time.  [default: a week later]")
@click.option("--who", metavar="NAME", help="Only the items of this person.")
@click.option("--project", "project_id", metavar="ID", help="Only this project.  [default: all]")
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
@click.option("--ics", "as_ics", is_flag=True, help="Print it as iCalendar, for the calendar of a phone or an office.")
@lang_option
def agenda(
    sources: Sequence[str],
    url: str,
    start: datetime | None,
    end: datetime | None,
    who: str | None,
    project_id: str | None,
    lang: Lang,
    *,
    as_json: bool,
    as_ics: bool,
) -> None:
    """
    Show slots of cadences, deadlines, planned activities and open tasks, the earliest first.

    LIFECYCLE is the name or the file of each lifecycle of the store's projects. Times are in the time zone of the first
    lifecycle, such as 2026-03-31 or 2026-03-31T17:00:00, and lie at most 366 days apart.
    """
    if as_json and as_ics:
        raise InputError("--json and --ics", "both", say("cli.json_or_ics"))
    plugins = installed()
    known = [load_lifecycle(each, plugins=plugins) for each in sources]
    now, zone = utc_now(), known[0].wording.zone
    first = (start or datetime.combine(local_date(now, zone), time())).replace(tzinfo=zone)
    last = first + _WEEK if end is None else end.replace(tzinfo=zone)
    with closing(plugins.open_store(url, create=False)) as store:
        items = Pipeline(known, store=store).agenda(first, last, who=who, project_id=project_id)
    if as_ics:
        click.echo(_writer()(items, zone=zone, stamp=now, lang=lang), nl=False)
    elif as_json:
        print_json([_plain(each, zone, lang) for each in items])
    elif not items:
        echo(_NOTHING.text(lang).format(start=format_time(first, zone), end=format_time(last, zone)))
    else:
        _print(items, zone, lang)


def _writer() -> Any:
    """
    Return what writes an agenda as iCalendar.

    Raises:
        InputError: if the plugin that brings it is not installed.
    """
    try:
        return import_module("salesflow_calendar").to_ics
    except ModuleNotFoundError as error:
        raise InputError("--ics", error.name, say("cli.no_ics")) from error


def _print(items: Sequence[AgendaItem], zone: tzinfo, lang: Lang) -> None:
    console = screen()
    for each in items:
        at = f"{local_date(each.at, zone)}" if each.all_day else format_time(each.at, zone)
        whose = f"  {who_of(each.who).text(lang)}" if each.who else ""
        what = f"  {_KINDS[each.kind].text(lang)}: {named(each.label, each.name, lang)}"
        print_line(console, f"{at}{what}  ", (f"{each.project_name} ({each.project_id})", "bold"), whose)


def _plain(item: AgendaItem, zone: tzinfo, lang: Lang) -> dict[str, Any]:
    return {
        "at": item.at.astimezone(zone).isoformat(),
        "ends_at": item.ends_at and item.ends_at.astimezone(zone).isoformat(),
        "all_day": item.all_day,
        "kind": item.kind,
        "name": item.name,
        "label": item.label.text(lang),
        "project": item.project_id,
        "project_name": item.project_name,
        "who": item.who,
        "state": item.state,
        "number": item.number,
    }
