"""
``salesflow score``: the screens in both languages, the model file, and the exit status.
"""

from __future__ import annotations

import json
from shutil import copytree
from types import SimpleNamespace

import pytest

from salesflow import dump_definition
from salesflow.dossier import Scorecard, ScoreItem
from salesflow.plugins import Plugins
from salesflow.plugins.hookspecs import hookimpl
from salesflow.scores import NaiveBayes, Score, bant, meddpicc, stage_conversion, stage_velocity
from salesflow.stores import SqliteStore

from ..scores.factory import Deals


SCORES = (meddpicc(), bant(), stage_conversion(), stage_velocity(minimum=2))
CARD = Scorecard("meddpicc", [ScoreItem("champion", 3)])


class Place:
    """A folder with a lifecycle, and a store of 60 closed deals and an open one."""

    def __init__(self, folder):
        self.file, self.url = str(folder / "deal.toml"), f"sqlite:{folder / 'deals.db'}"

    @classmethod
    def filled(cls, folder, *scores, told=True):
        """Write both into a folder."""
        deals = Deals(*scores, store=SqliteStore(folder / "deals.db"))
        (folder / "deal.toml").write_text(dump_definition(deals.pipeline.lifecycle.definition), "utf-8")
        for number in range(60):
            won = number % 2 == 1
            source = "fair" if (won if told else number % 4 < 2) else "web"
            (deals.won if won else deals.lost)(f"D-{number}", 10 + number, source=source)
        deals.deal("metro", (1, "make"), source="fair", entries=[CARD])
        deals.pipeline.store.close()
        return cls(folder)


@pytest.fixture(name="written", scope="module")
def _written(tmp_path_factory):
    """The folder that every test has a copy of."""
    folder = tmp_path_factory.mktemp("place")
    Place.filled(folder, *SCORES)
    return folder


@pytest.fixture(name="place")
def _place(written, tmp_path):
    copytree(written, tmp_path, dirs_exist_ok=True)
    return Place(tmp_path)


@pytest.fixture(name="model")
def _model(place, run, tmp_path):
    """A model that was fitted from the command line."""
    run("score", "fit", place.url, "-l", place.file, "-f", "source", "-o", tmp_path / "model.json")
    return tmp_path / "model.json"


def words(text):
    return " ".join(text.split())


@pytest.mark.long
def test_show(run, place, model):
    """
    Every score of a project stands there with its factors, its sample, and why one has no value.
    """
    done = run("score", "show", place.url, "metro", "-l", place.file, "-m", model)
    said = words(done.stdout)

    assert (0, "") == (done.exit_code, done.stderr)
    assert said.startswith("metro (metro) stage offer Score Value Factor Found Adds Note")
    assert "MEDDPICC 5.00 / 100" in said
    assert "champion 3 5.00" in said
    assert "BANT – The scorecard bant is not" in said
    assert "conversion from the stage 0.97 (0.89–1.00) from 30 projects" in said
    assert "speed through the stages ×" in said
    assert "win probability 99." in said
    assert "stage offer +" in said


def test_show_in_chinese(run, place, model):
    """
    The screen speaks Chinese, the words for factors included.
    """
    said = words(run("score", "show", place.url, "metro", "-l", place.file, "-m", model, "--lang", "zh").stdout)

    assert said.startswith("metro (metro) 阶段：offer 评分 分值 因素 现状 贡献 说明")
    assert "内部支持者 3 5.00" in said
    assert "尚未填写评分卡 bant。" in said
    assert "基于 30 个项目" in said
    assert "赢单 30，丢单 30" in said


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "defines no scores. Add [[scores]] to it"), ("zh", "未定义评分。请在其中添加 [[scores]]")]
)
def test_no_scores(run, tmp_path, lang, said):
    """
    For a lifecycle that defines no scores, the command says what to do.
    """
    place = Place.filled(tmp_path)
    done = run("score", "show", place.url, "metro", "-l", place.file, "--lang", lang)

    assert (0, True) == (done.exit_code, said in done.stdout)


def test_a_scorer_that_fails(run, place, monkeypatch):
    """
    Where a scorer of a plugin fails, the others are shown, and the exit status is 1.
    """
    plugin = SimpleNamespace(name="house", version="2.1", salesflow_score=hookimpl(lambda: 1 / 0))
    monkeypatch.setattr("salesflow.cli._score.installed", lambda: Plugins(plugin))
    done = run("score", "show", place.url, "metro", "-l", place.file)

    assert 1 == done.exit_code
    assert "The rule of plugin house raised" in words(done.stdout)


def test_a_score_of_a_plugin(run, place, monkeypatch):
    """
    A plugin's score says who gave it, in which version.
    """
    plugin = SimpleNamespace(name="house", version="2.1", salesflow_score=hookimpl(lambda: Score("house.fit", 7.0)))
    monkeypatch.setattr("salesflow.cli._score.installed", lambda: Plugins(plugin))
    done = run("score", "show", place.url, "metro", "-l", place.file)

    assert (0, True) == (done.exit_code, "house.fit 7.00 / 100 house 2.1" in words(done.stdout))


@pytest.mark.parametrize("text", ["{", "{}", "\udcff"])
def test_what_is_no_model(run, place, tmp_path, text):
    """
    A file that is no model is refused.
    """
    (tmp_path / "model.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    done = run("score", "show", place.url, "metro", "-l", place.file, "-m", tmp_path / "model.json")

    assert (2, "") == (done.exit_code, done.stdout)
    assert "model" in done.stderr


def test_unknown_project(run, place):
    """
    A project that the store does not have is told.
    """
    done = run("score", "show", place.url, "nobody", "-l", place.file)

    assert (2, True) == (done.exit_code, "'nobody'" in done.stderr)


def test_fit(run, place, model, tmp_path):
    """
    A model is written as JSON, and says what it was learned from; fitting again gives the same file.
    """
    read = NaiveBayes.of(json.loads(model.read_text("utf-8")))
    again = run("score", "fit", place.url, "-l", place.file, "-f", " source, ", "-o", tmp_path / "again.json")

    assert (30, 30, ("source",), ("new", "offer")) == (read.won, read.lost, read.features, read.stages)
    assert (0, model.read_text("utf-8")) == (again.exit_code, (tmp_path / "again.json").read_text("utf-8"))
    assert f"version {read.version}, kept in {tmp_path / 'again.json'}\n" in again.stdout


@pytest.mark.parametrize(("lang", "said"), [("en", "are too few; at least 31"), ("zh", "数据不足；两类至少各需 31 个")])
def test_too_few(run, place, tmp_path, lang, said):
    """
    Below the minimum nothing is written, and the exit status is 1.
    """
    target = tmp_path / "model.json"
    done = run("score", "fit", place.url, "-l", place.file, "-o", target, "--minimum", 31, "--lang", lang)

    assert (1, "", False) == (done.exit_code, done.stdout, target.exists())
    assert said in done.stderr


def test_fit_from_an_empty_store(run, place, tmp_path):
    """
    A store without closed projects teaches nothing, and that is no error of the features.
    """
    SqliteStore(tmp_path / "empty.db").close()
    url = f"sqlite:{tmp_path / 'empty.db'}"
    done = run("score", "fit", url, "-l", place.file, "-f", "source", "-o", tmp_path / "model.json")

    assert (1, True) == (done.exit_code, "0 won and 0 lost projects are too few" in done.stderr)


@pytest.mark.parametrize("command", [("fit", "-o", "model.json"), ("evaluate",)])
def test_unknown_feature(run, place, command):
    """
    A field that is not declared is refused with the nearest one.
    """
    done = run("score", *command, place.url, "-l", place.file, "-f", "sauce")

    assert (2, True) == (done.exit_code, "Did you mean 'source'?" in done.stderr)


@pytest.mark.parametrize(
    ("told", "lang", "status", "said"),
    [
        (True, "en", 0, "There is a signal: on 15 projects"),
        (False, "en", 1, "There is no signal: on 15 projects"),
        (False, "zh", 1, "没有信号：在 15 个项目上"),
    ],
)
def test_evaluate(run, tmp_path, told, lang, status, said):
    """
    The figures, the calibration and a plain sentence; without a signal the exit status is 1.
    """
    place = Place.filled(tmp_path, told=told)
    done = run("score", "evaluate", place.url, "-l", place.file, "-f", "source", "--lang", lang)
    heads = ["Brier", "AUC", "95 %"]

    assert (status, True) == (done.exit_code, said in words(done.stdout))
    assert [True] * 3 == [head in done.stdout for head in heads]


def test_evaluate_at_a_stage(run, place):
    """
    Another stage and another share can be asked for; lost deals that did not come so far are not asked about.
    """
    done = run(
        "score", "evaluate", place.url, "-l", place.file, "-f", "source", "--at-stage", "new", "--held-out", "0.5"
    )

    assert (0, True) == (done.exit_code, "the 30 that closed last (15 won)" in done.stdout)
