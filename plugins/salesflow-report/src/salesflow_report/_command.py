"""
``salesflow report``: a page of a store as one HTML file, or its tables as a spreadsheet.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click

from salesflow import Pipeline
from salesflow.cli import installed, lang_option, stored_pipeline
from salesflow.errors import InputError, in_two_languages
from salesflow.insight import Portfolio


@click.command("report", short_help="Write a page of a store as one HTML file, or as a spreadsheet.")
@click.argument("page", metavar="PAGE")
@click.option("--store", "url", required=True, metavar="URL", help="For example sqlite:FILE or journal:FOLDER.")
@click.option("--lifecycle", "-l", "source", metavar="NAME|FILE", help="A lifecycle, if the store keeps no definition.")
@click.option("--project", "project_id", metavar="ID", help="The project of the pages 'project' and 'decision'.")
@click.option("--customer", metavar="NAME", help="The customer of the page 'customer', for the profile of one.")
@click.option("--under", metavar="ID", help="Only what belongs to this project, such as a period.")
@click.option("--as-of", "as_of", type=click.DateTime(), help="Only what had happened until then, in UTC.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file: .html or .xlsx.")
@lang_option
def report(
    page: str,
    url: str,
    source: str | None,
    project_id: str | None,
    customer: str | None,
    under: str | None,
    as_of: datetime | None,
    out: Path,
    lang: str,
) -> None:
    """
    Write a PAGE of the projects in a store: one file that needs no network.

    The pages are dashboard, weekly, portfolio, funnel, forecast, risk_matrix, people, customer, stand_up, lifecycle,
    project and decision.
    """
    from . import Texts, make_page, to_html, to_xlsx  # noqa: PLC0415 -- the other commands do without

    if out.suffix not in {".html", ".xlsx"}:
        hint = in_two_languages("Name a file that ends in .html or .xlsx.", "请指定以 .html 或 .xlsx 结尾的文件。")
        raise InputError("--out", str(out), hint)
    plugins = installed()
    with closing(plugins.open_store(url, create=False)) as store:
        pipeline: Pipeline = stored_pipeline(store, plugins, source)
        until = None if as_of is None else as_of.replace(tzinfo=UTC)
        seen = Portfolio.of(pipeline, as_of=until, under=under) if under or until else None
        made = make_page(page, pipeline, lang=lang, project_id=project_id, customer=customer, portfolio=seen)
        texts = Texts.of(lang, pipeline.lifecycle.definition.zone)
    if out.suffix == ".xlsx":
        out.write_bytes(to_xlsx(made, texts))
    else:
        out.write_text(to_html(made, texts), "utf-8")
    click.echo(str(out))


report.help_zh = {  # type: ignore[attr-defined]  # read by the help of the command line
    "help": "把存储中各项目的一页报表 PAGE 写成一个文件，无需联网即可打开。\n\n"
    "可用的 PAGE：dashboard、weekly、portfolio、funnel、forecast、risk_matrix、people、customer、stand_up、lifecycle、"
    "project、decision。",
    "short_help": "把一页报表写成 HTML 文件或电子表格。",
    "--store": "例如 sqlite:文件 或 journal:文件夹。",
    "--lifecycle": "存储中没有流程定义时，指定流程。",
    "--project": "报表 project 和 decision 所针对的项目。",
    "--customer": "报表 customer 所介绍的客户。",
    "--as-of": "只计该时间（UTC）之前发生的内容。",
    "--under": "只计归属于该项目（如期间）的项目。",
    "--out": "输出文件：.html 或 .xlsx。",
}
