"""
Models are fitted, taken out, explained, saved and measured as the README says.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings, strategies as st
from salesflow_sklearn import (
    Linear,
    ModelError,
    SklearnPlugin,
    SklearnScorer,
    by_hand,
    cross_validate,
    fit,
    fit_records,
    load,
    save,
)

import salesflow as sf
from salesflow.errors import InputError
from salesflow.scores import Record, evaluate


NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
FEATURES = ("budget", "source", "size")


def rows(count=240):
    """
    Return rows and outcomes that follow a rule: money and a referral help, and nobody having asked hurts.
    """
    found, won = [], []
    for number in range(count):
        budget = ("Yes", "No", "Unknown")[number % 3]
        source = ("Referral", "Fair")[number // 3 % 2]
        row = {"budget": budget, "source": source}
        if number % 5:
            row["size"] = ("big", "small")[number // 7 % 2]
        found.append(row)
        odds = {"Yes": 3, "No": 0, "Unknown": -3}[budget] + (2 if source == "Referral" else 0)
        won.append(odds + (number * 7919 % 11 - 5) > 0)
    return found, won


@pytest.fixture(scope="module", params=["logistic", "boosting"])
def fitted(request):
    """
    A fitted model of each kind.
    """
    return fit(*rows(), FEATURES, model=request.param)


def deal(*, scorers=(), plugins=(), **fields):
    """
    Return a pipeline with one open project.
    """
    definition = sf.load_definition(
        {
            "schema": 1,
            "id": "short",
            "outcomes": ["undecided", "won", "lost"],
            "fields": [{"id": name, "type": "text"} for name in FEATURES],
            "stages": [{"id": "offer", "kind": "open"}, {"id": "won", "kind": "won"}],
            "transitions": [{"id": "win", "source": ["offer"], "target": "won", "outcome": "won"}],
        }
    )
    lifecycle = sf.build_lifecycle(definition, plugins=plugins)
    pipeline = sf.Pipeline(lifecycle, actor=sf.Actor("li.wei"), clock=lambda: NOW, scorers=scorers)
    pipeline.open("Metro line 5", id="metro-5", fields=fields)
    return pipeline


@pytest.mark.parametrize("kind", ["logistic", "boosting"])
def test_same_as_sklearn(kind):
    """
    The numbers that were taken out give the probabilities that scikit-learn gives.
    """
    # Not at the top: it takes longer to import than most files of tests take to run.
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    table, won = rows()
    columns = sorted({(name, row[name]) for row in table for name in FEATURES if name in row})
    encoded = [[float(row.get(name) == value) for name, value in columns] for row in table]
    theirs = {
        "logistic": LogisticRegression(C=0.1, solver="newton-cholesky", tol=1e-8),
        "boosting": GradientBoostingClassifier(subsample=0.7, random_state=0),
    }[kind].fit(encoded, won)
    model = fit(table, won, FEATURES, model=kind)

    assert pytest.approx(theirs.predict_proba(encoded)[:, 1], abs=1e-12) == [model.probability(row) for row in table]


def test_unknown_is_not_no(fitted):
    """
    That nobody asked is a value of its own: here it is worse than a plain no.
    """
    yes, no, unknown, absent = (
        fitted.probability({"source": "Fair", **budget})
        for budget in ({"budget": "Yes"}, {"budget": "No"}, {"budget": "Unknown"}, {})
    )

    assert yes > no > unknown
    assert absent not in (yes, no, unknown)


def test_explained():
    """
    The shares of a logistic regression add up to its score, and an average project has none.
    """
    model = fit(*rows(), FEATURES)
    score = model.score({"budget": "Yes", "source": "Referral", "size": "huge"})
    odds = math.log(score.value / (100 - score.value))
    shares = {part.factor: (part.value, part.note.en) for part in score.contributions}
    mean = sum(model.model.shares(row)["budget"] for row in rows()[0]) / 240

    assert pytest.approx(odds) == sum(part.share for part in score.contributions)
    assert {"base", "budget", "source", "size"} == {*shares}
    assert [("huge", "not seen before, or of no influence"), ("Yes", "")] == [shares["size"], shares["budget"]]
    assert pytest.approx(0, abs=1e-12) == mean
    assert ("sklearn.win", "logistic", 240) == (score.name, score.method, score.n)


def test_occlusion():
    """
    A share of boosted trees is what is lost without the feature.
    """
    model = fit(*rows(), FEATURES, model="boosting")
    row = {"budget": "Yes", "source": "Referral"}
    score = model.score(row)
    shares = {part.factor: part.share for part in score.contributions}
    notes = {part.factor: part.note for part in score.contributions}
    without = model.model.log_odds({"source": "Referral"})

    assert pytest.approx(model.model.log_odds(row) - without) == shares["budget"]
    assert (True, "no value", ()) == (shares["budget"] > 0, notes["size"].en, notes["size"].missing())


def test_insufficient_data():
    """
    Below the minimum there is no value, and it says how many there are.
    """
    score = fit(*rows(30), FEATURES, minimum=50).score({"budget": "Yes"})

    assert (None, "insufficient_data", 30) == (score.value, score.code, score.n)
    assert score.message().startswith("Too little is known: ")


@pytest.mark.parametrize(
    ("table", "won", "features", "model"),
    [
        ([{"a": "x"}], [True], ("a",), "logistic"),
        ([{"a": "x"}] * 2, [True, True], ("a",), "logistic"),
        ([{"a": "x"}] * 2, [True], ("a",), "logistic"),
        ([{"a": "x"}] * 2, [True, False], (), "logistic"),
        ([{"a": "x"}] * 2, [True, False], ("a",), "forest"),
    ],
)
def test_nothing_to_fit(table, won, features, model):
    """
    What cannot be fitted is refused with what was handed in.
    """
    with pytest.raises(InputError):
        fit(table, won, features, model=model)


def test_blank_is_absent():
    """
    An empty text counts as no value, as in a table read from a file.
    """
    table, won = rows()
    blank = [{**row, "size": row.get("size", "")} for row in table]

    assert fit(table, won, FEATURES).model == fit(blank, won, FEATURES).model


@pytest.mark.slow
def test_saved(fitted, tmp_path):
    """
    A saved model comes back equal, and gives the same scores to the last digit, without scikit-learn.
    """
    path = tmp_path / "win.json"
    digest = save(fitted, path)
    script = (
        "import sys; from salesflow_sklearn import load; model = load(sys.argv[1])\n"
        "print(repr(model.probability({'budget': 'Unknown', 'source': 'Fair'})), 'sklearn' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)

    assert fitted == load(path, digest=digest)
    assert [fitted.score(row) for row in rows()[0]] == [load(path).score(row) for row in rows()[0]]
    assert f"{fitted.probability({'budget': 'Unknown', 'source': 'Fair'})!r} False" == ran.stdout.strip()


@given(st.dictionaries(st.text(max_size=5), st.dictionaries(st.text(max_size=5), st.floats(-50, 50), max_size=3)))
@settings(deadline=None)
def test_digest(weights):
    """
    Any weights survive the way through JSON, and so does their digest.
    """
    model = by_hand(weights)
    data = json.loads(json.dumps(model.data()))
    again = SklearnScorer(
        data["name"], tuple(data["features"]), Linear(data["model"]["base"], data["model"]["weights"])
    )

    assert (model, model.digest) == (again, again.digest)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda body: body["scorer"]["model"]["weights"]["budget"].update(Yes=9.0), "but it says sha256:"),
        (lambda body: body["scorer"].update(won=9), "but it says sha256:"),
        (lambda body: body.update(format="salesflow-sklearn/2"), "its format is 'salesflow-sklearn/2'"),
        (lambda body: body["scorer"]["model"].update(method="forest"), "it cannot be read (InputError: "),
        (lambda body: body["scorer"]["model"].update(base=float("nan")), "it cannot be read (ValueError: "),
        (lambda body: body["scorer"]["model"].update(base=10**400), "it cannot be read (OverflowError: "),
        (lambda body: body["scorer"].pop("won"), "it cannot be read (KeyError: 'won')"),
        (lambda body: body.pop("digest"), "it cannot be read (KeyError: 'digest')"),
    ],
    ids=["weight", "count", "format", "method", "nan", "huge", "part", "digest"],
)
def test_changed_file(tmp_path, change, problem):
    """
    A file that was changed is refused, with the reason and the next step.
    """
    path = tmp_path / "win.json"
    save(fit(*rows(), FEATURES), path)
    body = json.loads(path.read_text("utf-8"))
    change(body)
    path.write_text(json.dumps(body), "utf-8")

    with pytest.raises(ModelError) as caught:
        load(path)
    assert (str(path), True) == (caught.value.path, problem in caught.value.problem)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [(b'"base": ', b'"base": 1e999, "bass": ', "1e999 is no finite number"), (b"{", b"\xff", "UnicodeDecodeError")],
    ids=["endless number", "no text"],
)
def test_a_file_of_something_else(tmp_path, old, new, problem):
    """
    A number without end, or bytes that are no text, are an error of the model.
    """
    path = tmp_path / "win.json"
    save(fit(*rows(), FEATURES), path)
    path.write_bytes(path.read_bytes().replace(old, new, 1))

    with pytest.raises(ModelError, match=problem):
        load(path)


def test_endless_tree(tmp_path):
    """
    A tree that leads back to its root is refused before anybody walks it.
    """
    path = tmp_path / "win.json"
    save(fit(*rows(), FEATURES, model="boosting"), path)
    body = json.loads(path.read_text("utf-8"))
    body["scorer"]["model"]["trees"][0]["yes"][0] = 0
    path.write_text(json.dumps(body), "utf-8")

    with pytest.raises(ModelError, match="leads nowhere"):
        load(path)


def test_exchanged_file(tmp_path):
    """
    A whole other model is found by the digest that was kept.
    """
    path = tmp_path / "win.json"
    digest = save(fit(*rows(), FEATURES), path)
    save(by_hand({"budget": {"Yes": 1.0}}), path)

    with pytest.raises(ModelError, match="It is another model") as caught:
        load(path, digest=digest)
    assert "。这是另一个模型。" in caught.value.text("zh")


def test_in_a_pipeline():
    """
    Handed to a pipeline, a model scores open projects, and no others.
    """
    model = fit(*rows(), FEATURES)
    pipeline = deal(scorers=[model], budget="Yes", source="Referral")
    [score] = pipeline.score("metro-5")
    pipeline.fire("metro-5", "win")

    assert (model.score({"budget": "Yes", "source": "Referral"}).value, model.digest[7:19]) == (
        score.value,
        score.version,
    )
    assert () == pipeline.score("metro-5")


@pytest.mark.requirement("A45", "A52", "E38")
def test_as_a_plugin():
    """
    As a plugin it gives the same score, with its own name and version, to the lifecycles that it is for.
    """
    model = fit(*rows(), FEATURES)
    [score] = deal(plugins=[SklearnPlugin(model)], budget="Yes").score("metro-5")
    ended = deal(plugins=[SklearnPlugin(model)])
    ended.fire("metro-5", "win")

    assert (model.score({"budget": "Yes"}).value, "sklearn", model.digest[7:19]) == (
        score.value,
        score.plugin,
        score.plugin_version,
    )
    assert ((), ()) == (deal(plugins=[SklearnPlugin(model, "other")]).score("metro-5"), ended.score("metro-5"))
    with pytest.raises(InputError, match="sklearn"):
        SklearnPlugin(attrs.evolve(model, name="win"))


def test_fit_records():
    """
    Closed projects of a store teach the same as a table of what they said.
    """
    table, won = rows()
    records = [
        Record(f"P-{number}", came, "offer", row, NOW)
        for number, (row, came) in enumerate(zip(table, won, strict=True))
    ]

    assert fit(table, won, FEATURES) == fit_records(records, FEATURES)


def test_by_hand():
    """
    Weights set by hand are a scorer without history, and extreme weights do not overflow.
    """
    model = by_hand({"budget": {"Yes": 1.0, "No": -1000.0}})
    scores = [model.score({"budget": value}) for value in ("Yes", "Unknown", "No")]

    assert [pytest.approx(73.1058578), 50.0, 0.0] == [score.value for score in scores]
    assert {("by_hand", None)} == {(score.method, score.n) for score in scores}


def test_repeated_rows_stay_together():
    """
    Where every row is there twice, in chance outcomes there is still nothing to find.
    """
    table = [{"a": str(number)} for number in range(60)] * 2
    won = [number * 7919 % 13 > 5 for number in range(60)] * 2

    assert not cross_validate(table, won, ("a",)).signal


def test_b2b(bench):
    """
    On real deals a fitted model tells won from lost, and weights set by hand do so nearly as well.
    """
    module, folder = bench
    table, won, features = module.b2b(folder)
    distinct = len({tuple(row.values()) for row in table})
    found = cross_validate(table, won, features)
    hand = evaluate([by_hand(module.BY_HAND).probability(row) for row in table], won, base_rate=sum(won) / len(won))

    assert (448, 83) == (len(table), len(table) - distinct)
    assert (True, True) == (found.auc >= 0.80, found.signal)
    assert hand.auc >= 0.65


@pytest.mark.slow
def test_maven(bench):
    """
    Where outcomes were drawn at random, the evaluation says that there is no signal.
    """
    module, folder = bench
    table, won, features = module.maven(folder)

    assert (6711, False) == (len(table), cross_validate(table, won, features).signal)


@pytest.mark.slow
def test_example():
    """
    The example closes deals, learns from them and explains a score.
    """
    example = Path(__file__).parents[1] / "examples" / "win_probability.py"
    ran = subprocess.run([sys.executable, example], capture_output=True, text=True, check=True)

    assert [
        "sklearn.win: 67 of 100, from 60 closed deals",
        "  base: the average deal +0.24",
        "  budget: Unknown -0.24",
        "  source: Referral +0.71",
    ] == ran.stdout.splitlines()
