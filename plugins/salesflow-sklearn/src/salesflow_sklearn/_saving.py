"""
The file format of a model: plain JSON, with a digest that shows whether the file still holds the fitted model.
"""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import Any, Final

from salesflow.errors import SalesflowError, in_language, in_two_languages

from ._model import model_of
from ._scorer import SklearnScorer


FORMAT: Final = "salesflow-sklearn/1"


class ModelError(SalesflowError):
    """
    A file does not hold the model that was saved.

    Attributes:
        path: the file.
        problem: what is wrong with it.
        hint: the next step.
    """

    path: str
    problem: str
    hint: str

    def __init__(self, path: str, problem: str, hint: str) -> None:
        self.path, self.problem, self.hint = path, problem, hint
        zh = f"{path} 中的模型：{in_language(problem, 'zh')}。{in_language(hint, 'zh')}"
        super().__init__(in_two_languages(f"model in {path}: {problem}. {hint}", zh))


def save(scorer: SklearnScorer, path: Path | str) -> str:
    """
    Write a model to a file, and return its digest. Keep the digest elsewhere to check the file later.
    """
    body = {"format": FORMAT, "digest": scorer.digest, "scorer": scorer.data()}
    Path(path).write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return scorer.digest


def load(path: Path | str, *, digest: str | None = None) -> SklearnScorer:
    """
    Read a model back; it gives the same scores as the saved model, to the last digit.

    Nothing in the file is run.

    Args:
        digest: the digest that :func:`save` returned. The digest inside the file detects damage; only a
            digest that was kept elsewhere detects a file that somebody replaced.

    Raises:
        ModelError: the file is not a model, has another format, or has another digest.
        OSError: the file cannot be read.
    """
    where, content = str(path), Path(path).read_bytes()
    try:
        body = json.loads(content.decode(), parse_float=_finite, parse_constant=_finite)
        found, data = body["format"], body["scorer"]
        scorer = _scorer(data) if found == FORMAT else None
        stated, made = body["digest"], scorer.digest if scorer else ""
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError) as error:
        problem = in_two_languages(
            f"it cannot be read ({type(error).__name__}: {error})", f"无法读取（{type(error).__name__}: {error}）"
        )
        raise ModelError(where, problem, in_two_languages("Save the model again.", "请重新保存模型。")) from None
    if scorer is None:
        raise ModelError(
            where,
            in_two_languages(f"its format is {found!r}, not {FORMAT!r}", f"其格式为 {found!r}，而不是 {FORMAT!r}"),
            in_two_languages("Install the version that wrote it.", "请安装写入该文件的版本。"),
        )
    if stated != made:
        raise ModelError(
            where,
            in_two_languages(
                f"its digest is {made}, but it says {stated}", f"其摘要为 {made}，但文件中写的是 {stated}"
            ),
            in_two_languages("It was changed; save it again.", "文件已被改动；请重新保存。"),
        )
    if digest not in (None, made):
        raise ModelError(
            where,
            in_two_languages(f"its digest is {made}, and not {digest}", f"其摘要为 {made}，而不是 {digest}"),
            in_two_languages("It is another model.", "这是另一个模型。"),
        )
    return scorer


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text} is no finite number")
    return number


def _scorer(data: Any) -> SklearnScorer:
    return SklearnScorer(
        str(data["name"]),
        tuple(map(str, data["features"])),
        model_of(data["model"]),
        won=int(data["won"]),
        lost=int(data["lost"]),
        minimum=int(data["minimum"]),
        made_by=str(data["made_by"]),
    )
