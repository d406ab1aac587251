"""
Two real exports, replayed with the mappings that stand under examples/.
"""

from __future__ import annotations

import csv
import random

import pytest

import salesflow as sf
from salesflow.exchange import replay_file
from salesflow.stores import MemoryStore

from .factory import EXAMPLES


HISTORY = "salesforce_history/OpportunityHistory.csv"


def replayed(path, folder, store=None):
    lifecycle, mapping = EXAMPLES / folder / "lifecycle.toml", EXAMPLES / folder / "map.toml"
    return replay_file(path, mapping=mapping, lifecycle=lifecycle, store=store)


@pytest.fixture(scope="module")
def maven(real_data):
    store = MemoryStore()
    path = real_data / "maven_crm" / "sales_pipeline.csv"
    return store, replayed(path, "maven", store), replayed(path, "maven", store)


@pytest.mark.slow
def test_maven_figures(maven):
    """
    The figures of the Maven export come out exactly.
    """
    _, report, _ = maven

    assert (8800, 8800, 0, 0) == (report.rows, report.imported, report.already, report.refused)
    assert {"prospecting": 500, "engaging": 1589, "won": 4238, "lost": 2473} == report.stages
    assert {"undecided": 2089, "won": 4238, "lost": 2473} == report.outcomes
    assert (sf.Money("10005534", "USD"),) == report.revenue
    assert ("63.15", "48.16") == (f"{100 * report.win_rate_of_closed:.2f}", f"{100 * report.win_rate_of_all:.2f}")


def test_maven_again(maven):
    """
    A second run finds every row there, doubles nothing, and gives the same figures.
    """
    store, first, second = maven

    assert (0, 8800, 0) == (second.imported, second.already, second.refused)
    assert (first.stages, first.outcomes, first.revenue) == (second.stages, second.outcomes, second.revenue)
    assert 8800 + 1589 + 2 * (4238 + 2473) == sum(len(page.facts) for page in pages(store))


def pages(store):
    page = store.feed()
    while page.facts:
        yield page
        page = store.feed(page.cursor)


def test_maven_history(maven):
    """
    A won deal has its moves at the times of the export, by its sales agent.
    """
    store, _, _ = maven
    facts = list(store.load("1C1I7A6R"))

    assert ["2016-10-20", "2016-10-20", "2017-03-01"] == [f"{fact.at:%Y-%m-%d}" for fact in facts]
    assert {"Moses Frase"} == {fact.actor.name for fact in facts}
    assert "Cancity: GTX Plus Basic" == facts[0].body.name


@pytest.mark.parametrize("seed", [None, 1, 2, 3, 4, 5])
def test_salesforce_ends(real_data, tmp_path, seed):
    """
    Every deal ends in the stage that the export of the deals states, whatever the order of the history.
    """
    header, *rows = list(csv.reader((real_data / HISTORY).read_text("utf-8-sig").splitlines()))
    if seed is not None:
        random.Random(seed).shuffle(rows)
    path = tmp_path / "history.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    store = MemoryStore()
    report = replayed(path, "salesforce", store)
    with (real_data / "salesforce_history/Opportunity.csv").open(encoding="utf-8-sig", newline="") as file:
        stated = {row["Id"]: row["StageName"] for row in csv.DictReader(file)}
    lifecycle = sf.load_lifecycle(EXAMPLES / "salesforce" / "lifecycle.toml")
    words = {"Id. Decision Makers": "decision_makers", "Proposal/Price Quote": "proposal"}
    words |= {"Negotiation/Review": "negotiation"}
    wanted = {deal: words.get(word, word.lower().replace(" ", "_")) for deal, word in stated.items()}

    assert (48, 48, 0, 36) == (report.rows, report.imported, report.refused, report.deals)
    assert wanted == {deal: store.head(deal).stage for deal in wanted}
    assert {stage.id for stage in lifecycle.stages} >= set(wanted.values())


def test_salesforce_again_in_another_order(real_data, tmp_path):
    """
    The same history in reverse order, onto the same store, is there already.
    """
    header, *rows = (real_data / HISTORY).read_text("utf-8-sig").splitlines()
    store = MemoryStore()
    replayed(real_data / HISTORY, "salesforce", store)
    path = tmp_path / "history.csv"
    path.write_text("\n".join([header, *reversed(rows)]), "utf-8")
    again = replayed(path, "salesforce", store)

    assert (0, 48, 0, 36) == (again.imported, again.already, again.refused, again.deals)
