"""
What scorers are worth on two public data sets: deals that were really won and lost, and outcomes drawn at random.

    python bench/foretelling.py [folder with the data]
"""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

from salesflow_sklearn import by_hand, cross_validate

from salesflow.scores import evaluate


DATA = Path(__file__).parents[1].parent / "shared" / "data"
FOLDS = 5

# Set from what sellers say about such deals, and not tuned to outcomes: a whole point for the
# questions that every qualification method asks first (money, need, a good word inside), half a point
# for the others. An answer that is not named, "Unknown" among them, says neither yes nor no.
BY_HAND = {
    "Budgt_alloc": {"Yes": 1.0, "No": -1.0},
    "Needs_def": {"Yes": 1.0, "Info gathering": -0.5, "Poor": -0.5, "No": -1.0},
    "Posit_statm": {"Yes": 1.0, "No": -1.0},
    "Att_t_client": {"Strategic account": 0.5, "First deal": -0.5, "Bad client": -1.0},
    "Authority": {"High": 0.5, "Low": -0.5},
    "Client": {"Current": 0.5, "Past": 0.5, "New": -0.5},
    "Competitors": {"No": 0.5, "Yes": -0.5},
    "Scope": {"Clear": 0.5, "Low": -0.5},
    "Source": {"Referral": 0.5, "Joint past": 0.5, "Direct mail": -0.5, "Media": -0.5},
    "Strat_deal": {"Very important": 0.5, "Unimportant": -0.5},
}


def b2b(folder):
    """
    Return rows, outcomes and features of the B2B deals.
    """
    with (folder / "bohanec_b2b" / "Salvirt_B2B_ML_dataset.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return rows, [row["Status"] == "Won" for row in rows], [name for name in rows[0] if name != "Status"]


def maven(folder):
    """
    Return rows, outcomes and features of the closed deals of the CRM, with what is known of accounts and agents.
    """
    place = folder / "maven_crm"
    agents, accounts = table(place / "sales_teams.csv", "sales_agent"), table(place / "accounts.csv", "account")
    with (place / "sales_pipeline.csv").open(encoding="utf-8-sig", newline="") as file:
        closed = [row for row in csv.DictReader(file) if row["deal_stage"] in ("Won", "Lost")]
    features = ["sales_agent", "product", "account", "manager", "regional_office", "sector", "office_location"]
    rows = [{**row, **agents.get(row["sales_agent"], {}), **accounts.get(row["account"], {})} for row in closed]
    return rows, [row["deal_stage"] == "Won" for row in rows], features


def table(path, key):
    """
    Return the rows of a file by one of its columns.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row[key]: row for row in csv.DictReader(file)}


def told(data, scorer, found, seconds):
    """
    Print one row.
    """
    low, high = found.interval
    signal = "signal" if found.signal else "no signal"
    figures = f"{found.auc:.3f} | {low:.2f}–{high:.2f} | {found.brier:.3f} | {found.base:.3f}"
    print(f"| {data} | {scorer} | {figures} | {signal}, {seconds:.1f} s")


def main(folder):
    """
    Measure each scorer on each data set.
    """
    for data, read in (("B2B deals", b2b), ("CRM, drawn at random", maven)):
        rows, won, features = read(folder)
        for model in ("logistic", "boosting"):
            start = time.perf_counter()
            found = cross_validate(rows, won, features, model=model, folds=FOLDS)
            told(data, model, found, time.perf_counter() - start)
        if data.startswith("B2B"):
            start, scorer = time.perf_counter(), by_hand(BY_HAND)
            scores = [scorer.probability(row) for row in rows]
            found = evaluate(scores, won, base_rate=sum(won) / len(won))
            told(data, "set by hand", found, time.perf_counter() - start)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
