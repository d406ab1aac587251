"""
The naive Bayes scorer: the golden table, what it says of itself, and what it refuses.
"""

from __future__ import annotations

import json
import math

import attrs
import pytest
from hypothesis import assume, given, strategies as st

from salesflow.errors import InputError
from salesflow.scores import NaiveBayes, fit_naive_bayes

from ..cases import over_cases
from .factory import Deals, record


STAGES = ("new", "qualified", "proposal")
SOURCES = [(True, "referral", 3), (False, "referral", 1), (True, "web", 1), (False, "web", 5)]


def golden(**more):
    """Four deals won, three lost at the first stage, two at the second, one at the third."""
    sources = {won: [source for side, source, n in SOURCES if side is won for _ in range(n)] for won in (True, False)}
    lost = ["new", "new", "new", "qualified", "qualified", "proposal"]
    ended = [("proposal", True)] * 4 + [(stage, False) for stage in lost]
    found = [record(number, stage, won=won, source=sources[won].pop()) for number, (stage, won) in enumerate(ended)]
    return fit_naive_bayes(found, STAGES, **{"features": ["source"], "minimum": 1, **more})


@over_cases(
    ("stage", "without", "referral", "web"),
    [("new", 40.20, 73.66, 17.63), ("qualified", 56.94, 84.62, 29.63), ("proposal", 78.85, 93.94, 54.27)],
)
def test_golden_table(stage, without, referral, web):
    """
    The values of the published counting come out to the last digit.
    """
    model = golden()
    values = [{}, {"source": "referral"}, {"source": "web"}]

    assert [without, referral, web] == [model.score(stage, value).value for value in values]


def test_contributions():
    """
    Each factor says its logarithm of the odds, and together they are those of the score.
    """
    score = golden().score("new", {"source": "referral"})
    odds = sum(part.share for part in score.contributions)

    assert ["prior", "stage", "source"] == [part.factor for part in score.contributions]
    assert score.contributions[2].share == pytest.approx(math.log((3.1 / 4.2) / (1.1 / 6.2)))
    assert (73.66, 10, "naive_bayes") == (round(100 / (1 + math.exp(-odds)), 2), score.n, score.method)
    assert "赢单 4，丢单 6" == score.contributions[0].note.text("zh")


def test_unknown_values_are_skipped():
    """
    A value that nobody has seen, and a field that the model does not know, change nothing.
    """
    model = golden()

    assert model.score("new", {}) == model.score("new", {"source": "fair", "region": "north"})


@over_cases(
    ("won", "lost", "minimum", "code", "n"),
    [
        (0, 0, 1, "insufficient_data", 0),
        (3, 0, 1, "one_sided", 3),
        (0, 2, 5, "one_sided", 2),
        (3, 9, 4, "insufficient_data", 3),
    ],
)
def test_too_little(won, lost, minimum, code, n):
    """
    Without enough of both kinds there is no value, and not 0; the score says why.
    """
    ended = [record(k, "new", won=k < won) for k in range(won + lost)]
    score = fit_naive_bayes(ended, STAGES, minimum=minimum).score("new", {})

    assert (None, code, n, won + lost) == (score.value, score.code, score.evidence["n"], score.n)
    assert (True, True) == (str(n) in score.message(), str(n) in score.message("zh"))


def test_the_end_is_known():
    """
    A won project scores 100 and a lost one 0; one that was given up has no such score.
    """
    deals = Deals(scorers=[fit_naive_bayes((), ("new", "offer"))])
    names = deals.won("A"), deals.lost("B"), deals.deal("C", (1, "drop"))
    found = [deals.pipeline.score(name) for name in names]

    assert [[100.0], [0.0], []] == [[score.value for score in scores] for scores in found]


def test_another_stage_is_none_of_its_business():
    """
    A stage that the model was not fitted for has no score.
    """
    deals = Deals(scorers=[golden()])
    deals.deal("A", (1, "make"))

    assert () == deals.pipeline.score("A")


def test_on_hold_counts_what_was_interrupted():
    """
    A project on hold scores as in the stage that the hold interrupts.
    """
    model = fit_naive_bayes(
        [record(1, "offer", won=True), record(2, "new"), record(3, "offer")], ("new", "offer"), minimum=1
    )
    deals = Deals(scorers=[model])
    deals.deal("A", (1, "make"))
    before = deals.pipeline.score("A")
    deals.pipeline.fire("A", "pause", at=deals.at(2), ahead=True)

    assert before == deals.pipeline.score("A")
    assert model.score("offer", {}).value == before[0].value


def test_who_gives_it():
    """
    A model that was handed in goes by its name, and its version tells what it learned.
    """
    model = fit_naive_bayes([record(1, "new", won=True), record(2, "new")], ("new",), minimum=1, name="chance")
    other = fit_naive_bayes([record(1, "new", won=True), record(2, "new"), record(3, "new")], ("new",), minimum=1)
    deals = Deals(scorers=[model])
    deals.deal("A")
    (score,) = deals.pipeline.score("A")

    assert ("chance", "chance", model.version) == (score.name, score.plugin, score.version)
    assert model.version != other.version


counts = st.lists(
    st.tuples(st.sampled_from(STAGES), st.booleans(), st.sampled_from(["a", "b", ""])), min_size=2, max_size=30
)


@given(counts, st.floats(1e-9, 10), st.sampled_from(STAGES), st.sampled_from(["a", "b", "d"]))
def test_laws(ended, smoothing, stage, source):
    """
    A value lies within its range and is what its shares add up to, and a model survives being written and read.
    """
    known = [(at, won, {"source": value} if value else {}) for at, won, value in ended]
    rows = [record(k, at, won=won, **values) for k, (at, won, values) in enumerate(known)]
    assume(any(values for _, _, values in known))
    model = fit_naive_bayes(rows, STAGES, features=["source"], smoothing=smoothing, minimum=1)
    read = NaiveBayes.of(json.loads(json.dumps(model.data())))
    score = model.score(stage, {"source": source})

    assert (model, model.version) == (read, read.version)
    assert score == read.score(stage, {"source": source})
    if score.value is not None:
        odds = math.fsum(part.share for part in score.contributions)
        assert 0.01 <= score.value <= 99.99
        assert min(max(100 / (1 + math.exp(-odds)), 0.01), 99.99) == pytest.approx(score.value, abs=0.006)


def test_sure_things_do_not_overflow():
    """
    Many features that all say the same take the odds to the end of the range, and no further.
    """
    names = [f"f{k}" for k in range(300)]
    rows = [record(k, "new", won=k > 9, **dict.fromkeys(names, "yes" if k > 9 else "no")) for k in range(20)]
    model = fit_naive_bayes(rows, ("new",), features=names)
    found = [model.score("new", dict.fromkeys(names, answer)).value for answer in ("yes", "no")]

    assert [99.99, 0.01] == found


@over_cases(
    ("change", "said"),
    [
        ({"stages": ()}, "Name stages"),
        ({"smoothing": 0}, "smooth by more than 0"),
        ({"smoothing": math.nan}, "smooth by more than 0"),
        ({"minimum": 0}, "one won and one lost"),
        ({"features": ["stage"]}, "the stage is counted anyway"),
        ({"features": ["source", "source"]}, "Name each field once"),
        ({"features": ["sauce"]}, "No closed project has a value there"),
        ({"stages": ("qualified",)}, "Stages: qualified."),
    ],
)
def test_what_cannot_be_fitted(change, said):
    """
    Stages, features, smoothing and minimum that make no model are refused with the next step.
    """
    call = {"stages": STAGES, "features": ["source"], **change}
    with pytest.raises(InputError) as caught:
        fit_naive_bayes([record(1, "new", source="web")], **call)

    assert said in str(caught.value)


def test_counts_are_pairs_of_numbers():
    """
    In Python, too, what is counted is pairs of numbers by feature and value.
    """
    for wrong in ({"source": 5}, {"source": {"web": ("a", 1)}}):
        with pytest.raises(InputError, match="counts"):
            attrs.evolve(golden(), counts=wrong)


@over_cases(
    ("change", "said"),
    [
        (lambda data: data.pop("counts"), "counts"),
        (lambda data: data.update(counts=[]), "items"),
        (lambda data: data["counts"]["source"].update(web=[0, 1]), "above 0"),
        (lambda data: data["counts"]["source"].update(web=[10**400, 1]), "too large"),
        (lambda data: data.update(stages=[*data["stages"], "gone"]), "Every stage has counts"),
        (lambda data: data.update(stages=[]), "Every stage"),
        (lambda data: data.update(minimum="5"), "minimum of a NaiveBayes"),
        (lambda data: data.update(won=[1]), "won of a NaiveBayes"),
        (lambda data: data.update(won=400), "digest"),
        (lambda data: data.update(schema=2), "another version"),
    ],
)
def test_what_is_no_model(change, said):
    """
    Data that is no model, or was changed, is refused.
    """
    data = golden().data()
    change(data)
    with pytest.raises(InputError) as caught:
        NaiveBayes.of(data)

    assert said in str(caught.value)
