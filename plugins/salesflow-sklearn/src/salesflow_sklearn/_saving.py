"""
The file format of a model: plain JSON, with a digest that shows whether the file still holds the fitted model.
"""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import Any, Final

from salesflow.errors import SalesflowError

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
        super().__init__(f"model in {path}: {problem}. {hint}")


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
        problem = f"it cannot be read ({type(error).__name__}: {error})"
        raise ModelError(where, problem, "Save the model again.") from None
    if scorer is None:
        raise ModelError(where, f"its format is {found!r}, not {FORMAT!r}", "Install the version that wrote it.")
    if stated != made:
        raise ModelError(where, f"its digest is {made}, but it says {stated}", "It was changed; save it again.")
    if digest not in (None, made):
        raise ModelError(where, f"its digest is {made}, and not {digest}", "It is another model.")
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
