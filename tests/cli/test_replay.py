"""
``replay``: what is printed of an import.
"""

from __future__ import annotations

import json

import pytest

from salesflow.stores import JournalStore

from .crm import ROWS


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def test_what_is_printed(crm, tmp_path):
    """
    Rows, deals by stage and outcome, revenue and both win rates are printed, each by its name.
    """
    done = crm(*ROWS)

    assert (0, "") == (done.exit_code, done.stderr)
    assert [
        f"{tmp_path / 'deals.csv'}: 3 rows, 3 deals → memory:",
        "  imported 3   already there 0   refused 0",
        "",
        "Stage          Deals",
        "────────────────────",
        "New     new        1",
        "won     won        1",
        "lost    lost       1",
        "",
        "Outcome     Counts as   Deals",
        "─────────────────────────────",
        "undecided   undecided       1",
        "won         won             1",
        "lost        lost            1",
        "",
        "Figure                                    Value",
        "────────────────────────────────────────────────────────",
        "Revenue (sum of amount of won deals)   1,000.50   EUR",
        "Win rate, won / (won + lost)            50.00 %   1 of 2",
        "Win rate, won / all closed              50.00 %   1 of 2",
        "Win rate, won / all                     33.33 %   1 of 3",
        "",
        "Nothing was kept; name a store with --store sqlite:FILE.",
    ] == lines(done.stdout)


def test_what_is_refused(crm):
    """
    Refused rows are told by reason, the most frequent first, with their numbers and values.
    """
    bad = ["D-4,ann,Wonn,,,", "D-5,ann,Wonn,,,", "D-6,ann,W,,,", "D-7,ann,Won,2024-01-01,2024-02-01,"]
    shown = lines(crm(*bad, *ROWS, "", ",,,,,").stdout)

    assert "  imported 3   already there 0   refused 4   blank 2" == shown[1]
    assert [
        "Refused, and why",
        "      3  unknown stage, the mapping does not list it",
        "         rows 2–3 (Wonn); 4 (W)",
        "      1  win from New is refused: Still to be filled in: amount",
        "         row 5",
    ] == shown[3:8]


def test_few_problems_are_shown(crm, tmp_path):
    """
    The screen shows the first problems; a file has them all, for a spreadsheet.
    """
    bad = [f"D-{number},ann,W{number % 5},,," for number in range(12, 50)] + ["D-x,,New,2024-01-01,,"]
    shown = lines(crm(*bad, *ROWS, options=["--limit", "1", "--problems", tmp_path / "bad.csv"]).stdout)
    text = (tmp_path / "bad.csv").read_text("utf-8-sig").splitlines()

    assert [
        "Refused, and why",
        "     38  unknown stage, the mapping does not list it",
        "         rows 2, … (W2); and 4 more; --limit shows more, --problems FILE writes them all",
        "  and 1 more; --limit shows more, --problems FILE writes them all",
    ] == shown[3:7]
    assert (40, "row,refused,code,problem,value,project") == (len(text), text[0])
    assert '2,yes,stage.unknown,"unknown stage, the mapping does not list it",W2,D-12' == text[1]


def test_exit_status(crm):
    """
    A run that takes nothing in ends with 1, with ``--strict`` also one that refuses a single row.
    """
    good, bad = "D-1,ann,New,2024-01-01,,", "D-2,ann,Gone,2024-01-01,,"
    strict = ["--strict"]
    ends = [crm(bad), crm(good, bad), crm(good, bad, options=strict), crm(good, options=strict), crm()]

    assert [1, 0, 1, 0, 0] == [done.exit_code for done in ends]


def test_as_json(crm):
    """
    The report is there as JSON, with the first problems.
    """
    done = crm(*ROWS, "D-4,ann,Wonn,,,", "D-5,ann,Wonn,,,", options=["--json", "--limit", "1"])
    report = json.loads(done.stdout)

    assert (5, 3, 2, 1) == (report["rows"], report["imported"], report["refused"], len(report["problems"]))
    assert [{"amount": "1000.50", "currency": "EUR"}] == report["revenue"]
    assert {
        "row": 5,
        "code": "stage.unknown",
        "problem": "unknown stage, the mapping does not list it",
        "value": "Wonn",
        "project": "D-4",
    } == report["problems"][0]


def test_a_large_file(crm):
    """
    Before a large file is read, its size is said beside the result.
    """
    done = crm("D-1,ann,New,2024-01-01,,", ("D-2,ann,New,2024-01-01,," + "1" * 1_000_000))

    assert "deals.csv, 1.0 MB" in done.stderr


def test_notes(crm, tmp_path):
    """
    Rows that say nothing new are told below what is refused.
    """
    history = {
        "schema": 1,
        "kind": "history",
        "project": {"id": {"column": "id"}},
        "actor": {"column": "who"},
        "stage": {"column": "stage", "values": {"New": "new"}},
        "time": {"column": "at", "formats": ["%Y-%m-%d"]},
    }
    crm()
    (tmp_path / "map.json").write_text(json.dumps(history), "utf-8")
    shown = lines(crm("D-1,ann,New,2024-01-01,,", "D-1,ann,New,2024-01-05,,").stdout)

    assert "  imported 1   already there 0   without news 1   refused 0" == shown[1]
    assert [
        "To know of",
        "      1  the deal is in New already, and the row changes nothing",
        "         row 3",
    ] == shown[3:6]


def test_times_that_clocks_change(crm):
    """
    Times that clocks showed twice or skipped are told by how they were read, with the numbers of their rows.
    """
    time = {"formats": ["%Y-%m-%d %H:%M"], "timezone": "America/New_York"}
    shown = lines(crm("D-1,ann,New,2026-11-01 01:30,,", "D-2,ann,New,2026-03-08 02:30,,", time=time).stdout)

    assert [
        "To know of",
        "      1  clocks in America/New_York showed at twice; the first was taken",
        "         row 2 (2026-11-01 01:30)",
        "      1  clocks in America/New_York skipped at; the time is later by as much as they went forward",
        "         row 3 (2026-03-08 02:30)",
    ] == shown[3:8]


def test_in_chinese(crm):
    """
    The screen can be read in Chinese.
    """
    shown = crm("D-4,ann,Wonn,,,", *ROWS, options=["--lang", "zh"]).stdout

    assert all(
        word in shown
        for word in ("已导入 3", "被拒绝 1", "行号 2 (Wonn)", "新建", "赢单率（赢单 / 全部已关闭）", "结果未保存")
    )


def test_no_deals(crm):
    """
    Without deals there are no rates.
    """
    shown = crm().stdout

    assert "Win rate, won / (won + lost)       –   0 of 0" in shown


def test_a_journal_is_kept(crm, tmp_path):
    """
    What is imported into a journal is there afterwards, and a second run finds it.
    """
    options = "--store", f"journal:{tmp_path / 'sales'}"
    first, second = crm(*ROWS, options=options), crm(*ROWS, options=options)
    store = JournalStore(tmp_path / "sales")
    found = [project.id for project in store.find()]
    store.close()

    assert ["D-1", "D-2", "D-3"] == found
    assert ("imported 3   already there 0", "imported 0   already there 3") == (
        lines(first.stdout)[1][2:30],
        lines(second.stdout)[1][2:30],
    )
    assert "Nothing was kept" not in first.stdout


@pytest.mark.slow
@pytest.mark.traced
def test_progress_is_told(crm):
    """
    A long import says how far it is, a quarter at a time, beside its result.
    """
    done = crm(*(f"D-{number},ann,New,2024-01-01,," for number in range(1000)))

    assert ["250 / 1,000 deals", "500 / 1,000 deals", "750 / 1,000 deals", "1,000 / 1,000 deals"] == lines(done.stderr)


def test_a_missing_column(crm, tmp_path):
    """
    A file that cannot be read as it should is one message and the exit status 2.
    """
    crm()
    (tmp_path / "map.json").write_text((tmp_path / "map.json").read_text("utf-8").replace('"who"', '"whom"'), "utf-8")
    done = crm(*ROWS)

    assert (2, "") == (done.exit_code, done.stdout)
    assert done.stderr.startswith("salesflow: column: 'whom' is not usable.")


@pytest.mark.parametrize("url", ["mysql:x", "journal:", "memory:x", "sales"])
def test_no_store(crm, url):
    """
    A store that is none is refused with what to write instead.
    """
    done = crm(options=["--store", url])

    assert 2 == done.exit_code
    assert done.stderr.startswith(f"salesflow: store: {url!r} is not usable. ")
