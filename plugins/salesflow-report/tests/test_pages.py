"""
Every page, in both languages: whole, readable without pictures, and without any other host.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import BytesIO

import altair as alt
import openpyxl
import pytest
from salesflow_report import NAMES, PAGES, Page, Texts, make_page, to_html, to_svg, to_xlsx

import salesflow as sf

from .conftest import HOSTILE, LANGS, NOW


HOSTS = re.compile(r"""(?:href|src|url)\s*[=(]\s*["']?(?:https?:)?//""")


class Tags(HTMLParser):
    """
    The tags of a page, and whether each that opens closes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in {"meta", "link", "br", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_one_file(pages: dict[tuple[str, str], Page], name: str, lang: str):
    """
    A page names no other host, runs no script, is well-formed, and is small.
    """
    html = to_html(pages[name, lang], Texts.of(lang))
    tags = Tags()
    tags.feed(html)
    assert (tags.open, "script" in tags.seen, HOSTS.findall(html)) == ([], False, [])
    assert len(html.encode()) < 500_000
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in html


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NAMES)
def test_pictures_have_words_and_tables(pages: dict[tuple[str, str], Page], name: str, lang: str):
    """
    Each picture is valid Vega-Lite, has a role, a title, a description, and a table with as many rows as it shows.
    """
    charts = [section.chart for section in pages[name, lang].sections if section.chart is not None]
    for chart in charts:
        alt.Chart.from_dict(dict(chart.spec)).to_dict()
        svg = to_svg(chart, lang)
        assert svg.startswith('<svg role="img" aria-label="')
        assert "<title>" in svg
        assert chart.description
        assert chart.table.rows
    if name in {"dashboard", "funnel", "forecast", "lifecycle", "project"}:
        assert charts


@pytest.mark.requirement("A37")
@pytest.mark.parametrize("name", NAMES)
def test_both_languages_say_the_same(pages: dict[tuple[str, str], Page], name: str):
    """
    A page has the same sections, tables and numbers of rows in both languages, and no English head in Chinese.
    """
    en, zh = pages[name, "en"], pages[name, "zh"]
    assert [len(table.rows) for table in en.tables().values()] == [len(table.rows) for table in zh.tables().values()]
    assert len(en.sections) == len(zh.sections)
    heads = [section.title for section in zh.sections]
    assert [head for head in heads if head.isascii()] == []


def test_hostile_texts_stay_texts(pages: dict[tuple[str, str], Page]):
    """
    A name with markup is shown as it is, and in a spreadsheet a text that looks like a formula is a text.
    """
    for name in NAMES:
        page = pages[name, "en"]
        assert "<script>alert" not in to_html(page, Texts.of("en"))
        book = openpyxl.load_workbook(BytesIO(to_xlsx(page, Texts.of("en"))))
        kinds = {cell.data_type for sheet in book for row in sheet for cell in row}
        assert "f" not in kinds
    week = to_html(pages["weekly", "en"], Texts.of("en"))
    assert HOSTILE.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;") in week


def test_a_spreadsheet_has_numbers_and_days(pages: dict[tuple[str, str], Page]):
    """
    Amounts are numbers with their currency as the format, and days are days.
    """
    book = openpyxl.load_workbook(BytesIO(to_xlsx(pages["dashboard", "zh"], Texts.of("zh"))))
    sheet = book["金额最大的未结项目"]
    row = {head.value: cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (row["金额"].data_type, "CNY" in row["金额"].number_format) == ("n", True)
    assert row["预计成交"].is_date


def test_an_empty_store_has_pages(pipeline: sf.Pipeline):
    """
    Without any project every page says so, and none fails.
    """
    empty = sf.Pipeline(pipeline.lifecycle, clock=lambda: NOW, actor=sf.Actor("li.wei"))
    for name in (*PAGES, "lifecycle"):
        for lang in LANGS:
            page = make_page(name, empty, lang=lang)
            assert to_html(page, Texts.of(lang))
            assert to_xlsx(page, Texts.of(lang))


def test_mistakes_are_named(pipeline: sf.Pipeline):
    """
    An unknown page and a missing project are named.
    """
    with pytest.raises(sf.errors.InputError, match="dashboard"):
        make_page("dashbord", pipeline)
    with pytest.raises(sf.errors.InputError, match="project_id"):
        make_page("project", pipeline)


def test_a_notebook_shows_a_picture(pages: dict[tuple[str, str], Page]):
    """
    A chart hands its specification to a notebook.
    """
    chart = next(each.chart for each in pages["funnel", "en"].sections if each.chart)
    bundle = chart._repr_mimebundle_()
    assert bundle["application/vnd.vegalite.v5+json"] == chart.spec
