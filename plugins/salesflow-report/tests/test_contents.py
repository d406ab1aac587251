"""
What the pages say: the stand-up, the portfolio, the decision, the profile of a customer, plans as Mermaid text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from salesflow_report import Page, Texts, make_page, to_html

import salesflow as sf
from salesflow.cli import main
from salesflow.insight import Portfolio
from salesflow.stores import SqliteStore

from .conftest import NOW, TEXT


Pages = Mapping[tuple[str, str], Page]


def rows(page: Page, title: str) -> list[list[object]]:
    """
    Return the rows of a table of a page.
    """
    return [list(row) for row in page.tables()[title].rows]


def test_a_stand_up(pages: Pages):
    """
    Done is what was done since the last working day, due what is due until the next, and blocked what is.
    """
    page = pages["stand_up", "en"]
    done, due = rows(page, "Done since Nov 19, 2026"), rows(page, "Due until Nov 23, 2026")
    blocked = rows(page, "Blocked")
    assert ["Call the customer", "D-0", "zhao.min", date(2026, 11, 19), "task"] in done
    assert ["样机测试", "D-0", "wang.fang", date(2026, 11, 9), "task"] in due
    assert ["拜访客户", "D-0", "li.wei", date(2026, 11, 20), "activity"] in due
    assert ["等待客户确认", "D-0", "presales", date(2026, 11, 20), "task"] in blocked
    assert {"Price sheet", "方案评审"}.isdisjoint(row[0] for row in (*done, *due))


TASKS = """
id = "bids"
[[stages]]
id = "bid"
[[stages.tasks]]
id = "prices"
label = { en = "Price sheet", zh = "报价表" }
within = "1d"
[[stages]]
id = "won"
kind = "won"
[[transitions]]
id = "win"
source = "bid"
target = "won"
[[transitions.guards]]
use = "actor_has_role"
roles = ["director"]
"""


@pytest.mark.parametrize(
    ("lang", "task", "who"), [("en", "Price sheet", "Somebody without a role"), ("zh", "报价表", "没有角色的人")]
)
def test_tasks_of_stages_and_who_may_not_act(lang: str, task: str, who: str):
    """
    A task that a stage brought goes by its label in the language of the page; moves are those of who has no role.
    """
    pipeline = sf.Pipeline(sf.load_lifecycle(text=TASKS), actor=sf.Actor("li.wei"), clock=lambda: NOW)
    pipeline.open("Metro", id="B-1", at=NOW - timedelta(days=5))

    for name in ("project", "decision", "weekly", "stand_up"):
        page = make_page(name, pipeline, lang=lang, project_id="B-1", now=NOW)
        shown = to_html(page, Texts.of(lang))
        assert (name, False, True) == (name, "Price sheet / 报价表" in shown, task in shown)
        assert ("nobody" in shown, who in shown) == (False, name in ("project", "decision"))


@pytest.mark.parametrize(
    ("arguments", "en", "zh"),
    [
        (["dashboard", "page.pdf"], "Name a file that ends in .html or .xlsx.", "请指定以 .html 或 .xlsx 结尾的文件。"),
        (["project", "page.html"], "Name the project that the page is about.", "请指定该报表针对的项目。"),
        (["customer", "page.html", "--customer", "Nemo"], "Name a customer that", "请指定存储中某个项目的客户。"),
    ],
)
def test_the_command_says_in_both_languages_what_is_wrong(tmp_path: Path, arguments: list[str], en: str, zh: str):
    """
    A wrong file, a page of a project without its id, and a customer without projects.
    """
    (tmp_path / "selling.toml").write_text(TEXT, "utf-8")
    url = f"sqlite:{tmp_path / 'deals.db'}"
    SqliteStore(tmp_path / "deals.db").close()
    name, out, *others = arguments
    place = ["--store", url, "-l", str(tmp_path / "selling.toml"), "--out", str(tmp_path / out)]
    for lang, said in (("en", en), ("zh", zh)):
        done = CliRunner().invoke(main, ["report", name, *place, *others, "--lang", lang])
        assert (2, True) == (done.exit_code, said in done.stderr.replace("\n", "")), done.output


@pytest.mark.requirement("B19", "E27")
def test_a_portfolio(pages: Pages, portfolio: Portfolio):
    """
    Stages by owner add up to the open deals, a target has its attainment, and a lesson how often it was used.
    """
    page = pages["portfolio", "en"]
    owners = rows(page, "Open deals: stage by owner")
    assert sum(row[-2] for row in owners) == sum(sum(row[1:-2]) for row in owners) == 32
    rate = portfolio.kpi("win_rate", period="2026").value
    assert rows(page, "Figures against targets")[0][5] == pytest.approx(float(rate) / 0.6)
    assert rows(page, "Lessons")[0] == ["尽早约见决策人", "客户关系", "D-0", 6]


@pytest.mark.requirement("E38")
def test_a_decision(pages: Pages):
    """
    A page for a decision says what is asked for, what the next move misses, and how long stages usually take;
    and what similar projects learned.
    """
    page = pages["decision", "zh"]
    asked = next(section.items for section in page.sections if section.items)
    assert "wang.fang 申请审批“discount”: 折扣 12 %" in asked
    assert ["报价", "需补充信息", "尚未填写：金额。"] in rows(page, "下一步")
    assert rows(page, "已走过的路径")[0][4] == 3
    assert rows(page, "相似项目的经验教训")[0][0] == "尽早约见决策人"


@pytest.mark.requirement("A25", "A53")
def test_a_customer_has_a_profile(pipeline: sf.Pipeline, portfolio: Portfolio):
    """
    A profile shows the people, needs, purchases and satisfaction of one customer, and nobody else's projects.
    """
    page = make_page("customer", pipeline, customer="Metro AG", portfolio=portfolio)
    mine = {each.id for each in pipeline.all() if each.fields["customer"] == "Metro AG"}
    assert {str(row[0]).rpartition("(")[2].rstrip(")") for row in rows(page, "Projects")} <= mine
    assert rows(page, "People") == [["陈女士", "CFO", "economic buyer", 4]]
    assert rows(page, "Needs") == [["Short delivery time", "must", "open"]]
    assert rows(page, "Satisfaction by customer and service") == [["Metro AG", "Router", 1, 4, 1.0]]
    with pytest.raises(sf.errors.InputError, match="Nobody"):
        make_page("customer", pipeline, customer="Nobody", portfolio=portfolio)


@pytest.mark.requirement("D48", "E29")
def test_a_plan_is_mermaid_text(pages: Pages):
    """
    The time bars of a project are also the text of a Gantt chart: what is done is marked, and days are included.
    """
    code = next(section.code for section in pages["project", "en"].sections if section.code).splitlines()
    assert code[:3] == ["gantt", "    title Tram depot", "    dateFormat YYYY-MM-DD"]
    assert "    样机测试 :2026-11-02, 2026-11-10" in code
    assert "    Price sheet :done, 2026-01-05, 2026-11-05" in code
    assert "    方案评审 :milestone, 2026-12-15, 0d" in code


@pytest.mark.requirement("D50")
def test_every_kind_has_a_name(pages: Pages):
    """
    The dossier of a project names the kinds of entries in the language of the page.
    """
    assert ["里程碑", 2, "m, n"] in rows(pages["project", "zh"], "项目档案")


def test_the_command(tmp_path):
    """
    The command writes a page or a spreadsheet, and names a wrong page, a wrong file and a missing project.
    """
    with SqliteStore(tmp_path / "deals.db") as store:
        pipeline = sf.Pipeline(sf.load_lifecycle(text=TEXT), store=store, actor=sf.Actor("li.wei"))
        pipeline.open("Metro", id="D-1", at=NOW, ahead=True)

    def run(page: str, out: str, *more: str) -> tuple[int, str]:
        where = ("--store", f"sqlite:{tmp_path / 'deals.db'}", "--out", str(tmp_path / out))
        done = CliRunner().invoke(main, ["report", page, *where, *more])
        return done.exit_code, done.stdout + done.stderr

    assert run("decision", "page.html", "--project", "D-1", "--lang", "zh")[0] == 0
    assert "待决策：Metro" in (tmp_path / "page.html").read_text("utf-8")
    assert run("funnel", "page.xlsx") == (0, f"{tmp_path / 'page.xlsx'}\n")
    assert (tmp_path / "page.xlsx").read_bytes()[:2] == b"PK"
    assert run("portfolio", "all.html")[0] == 0
    assert run("portfolio", "under.html", "--under", "D-1")[0] == 0
    assert run("portfolio", "before.html", "--as-of", "2020-01-01")[0] == 0
    shown = [(tmp_path / f"{name}.html").read_text("utf-8") for name in ("all", "under", "before")]
    assert 3 == len(set(shown))
    assert run("forecast", "forecast.html", "--lang", "en")[0] == 0
    assert "How likely which sum is" not in (tmp_path / "forecast.html").read_text("utf-8")
    for asked, said in (
        (("funnel", "a.html", "--under", "D-9"), "D-9"),
        (("dashbord", "a.html"), "dashboard"),
        (("funnel", "a.pdf"), ".html or .xlsx"),
        (("project", "a.html"), "project_id"),
    ):
        code, text = run(*asked)
        assert (code, said in text) == (2, True)


def test_choices_have_their_labels():
    """
    The page of a project shows what a choice is called, in the language of the page.
    """
    pipeline = sf.Pipeline(sf.load_lifecycle("four_step_project"), actor=sf.Actor("li.wei"), clock=lambda: NOW)
    pipeline.open("Packaging line", id="D-1", fields={"source": "referral", "customer": "C-7"})
    chinese, english = (make_page("project", pipeline, project_id="D-1", lang=each) for each in ("zh", "en"))

    assert ["商机来源", "转介绍"] in rows(chinese, "项目信息")
    assert "Referral" in [value for _, value in rows(english, "What is known")]
