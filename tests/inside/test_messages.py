"""
The catalogues of messages: both languages, the same places, nothing that no code says.
"""

from __future__ import annotations

import ast
import pickle
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from salesflow import errors
from salesflow.errors import InputError, Message, SalesflowError, in_two_languages, say, say_both
from salesflow.errors._messages import catalogue


SOURCES = Path(__file__).parents[2] / "src" / "salesflow"
CATALOGUES = sorted((SOURCES / "errors" / "messages").glob("*.toml"))
PLACE = re.compile(r"\{(\w+)(![rc]|:,)?\}")
CHINESE = re.compile(r"[\u4e00-\u9fff，。：；“”]")
HINT = 2  # the place of the hint among the arguments of an InputError
SENTENCE = re.compile(r"\w\.( |['\"]$)")
MAKERS = ("say", "say_both", "fault", "warning", "lint_warning")


@cache
def nodes() -> tuple[ast.AST, ...]:
    """
    Return every node of the sources.
    """
    return tuple(
        node for path in sorted(SOURCES.rglob("*.py")) for node in ast.walk(ast.parse(path.read_text("utf-8")))
    )


def called(call: ast.Call) -> str:
    """
    Return the name that a call ends with, whatever it is looked up in.
    """
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@cache
def calls() -> tuple[ast.Call, ...]:
    """
    Return the calls of the sources that make a message.
    """
    return tuple(node for node in nodes() if isinstance(node, ast.Call) and called(node) in MAKERS)


def texts_in_sources() -> Iterator[str]:
    """
    Yield every text that the sources write down; the open parts of an f-string that names a code are shown as ``*``.
    """
    for node in nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Call) and called(node) in (*MAKERS, "add"):
            for part in node.args:
                if isinstance(part, ast.JoinedStr):
                    yield "".join(str(each.value) if isinstance(each, ast.Constant) else "*" for each in part.values)


def places(sentences: tuple[str, ...]) -> list[set[str]]:
    """
    Return the names of the places of each sentence.
    """
    return [{found[1] for found in PLACE.finditer(sentence)} for sentence in sentences]


def test_a_code_is_written_in_one_catalogue():
    """
    No two catalogues have the same code.
    """
    codes = Counter(code for file in CATALOGUES for code in tomllib.loads(file.read_text("utf-8")))

    assert [] == [code for code, count in codes.items() if count > 1]


def test_a_message_says_the_same_in_both_languages():
    """
    Both languages have as many sentences, with the same places, and only the Chinese ones are Chinese.
    """
    wrong: list[str] = []
    for code, (english, chinese) in catalogue().items():
        own = [sentence for sentence in chinese if PLACE.sub("", sentence).strip(" :,\n-")]
        if places(english) != places(chinese) or CHINESE.search("".join(english)) or not all(map(CHINESE.search, own)):
            wrong.append(code)

    assert [] == wrong


def test_a_message_is_written_in_both_languages():
    """
    Filled with parts, no place is left open, and what exists in both languages is in the language of the sentence.
    """
    wrong: list[str] = []
    for code, (english, _) in catalogue().items():
        names = {name for sentence in english for name in PLACE.findall(sentence)}
        parts: dict[str, Any] = {
            name: 1234 if how == ":," else [Message("report.faults0", {}), "x"] for name, how in names
        }
        for message in say_both(code, **{**parts, "near": "amount"}):
            chinese = message.text("zh-CN")
            raw = any(how == "!r" for _, how in names)
            if PLACE.search(message + chinese) or (not raw and "no faults" in chinese) or message != message.text("fr"):
                wrong.append(code)

    assert [] == wrong


@pytest.mark.slow
def test_every_message_is_said():
    """
    No catalogue keeps a code that the sources do not name.
    """
    named = set(texts_in_sources())
    patterns = [name for name in named if re.fullmatch(r"[a-z_*]+\.[a-z_*/]+", name) and name != "*.*"]
    unsaid = [code for code in catalogue() if code not in named]

    assert [] == [code for code in unsaid if not any(fnmatchcase(code, pattern) for pattern in patterns)]


@pytest.mark.slow
def test_every_call_has_the_parts_of_its_message():
    """
    Where a call names a code and each of its parts, no place of the sentences is left without one.
    """
    wrong: list[str] = []
    for call in calls():
        codes = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and arg.value in catalogue()]
        given = {keyword.arg for keyword in call.keywords}
        if codes and None not in given:
            needed = set[str]().union(*places(catalogue()[codes[-1]][0]))
            wrong += [f"{ast.unparse(call)}: {needed ^ given}"] if needed - given else []

    assert [] == wrong


def test_a_text_in_two_languages():
    """
    What a plugin says in both languages is a text in English and has its Chinese, also after a pickle.
    """
    hint = in_two_languages("Name a file.", "请指定文件。")
    error = pickle.loads(pickle.dumps(InputError("--out", "x", hint)))

    assert ("Name a file.", "请指定文件。") == (hint, hint.text("zh-CN"))
    assert "--out: 'x' is not usable. Name a file." == str(error)
    assert "--out：'x' 不可用。请指定文件。" == error.text("zh")


def test_catalogues_that_cannot_be_read(monkeypatch):
    """
    Where the catalogues may not be read, as by a process that gave up its rights, an error says what it is about.
    """

    def unreadable():
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("salesflow.errors._messages.catalogue", unreadable)
    error = InputError("project id", 7, say("input.id"))

    assert isinstance(error, SalesflowError)
    assert "project id" in str(error)
    assert "7" in str(error)
    assert ["", ""] == [say_both("value.choice", value=1, known=(), near=None)[1].text(lang) for lang in ("en", "zh")]


def _said_by(node: ast.AST) -> list[ast.expr]:
    """
    Return the texts that an error is made with, or that are kept to be its problem, hint or remedy.
    """
    if isinstance(node, ast.Call):
        name = called(node)
        first = HINT if name == "InputError" else 0
        return node.args[first:] if name == "error" or name in errors.__all__ else []
    named = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("hint", "problem", "remedy")
    return [node.value] if named else []


@pytest.mark.slow
def test_no_hint_is_english_alone():
    """
    What an error says and advises is a message of the catalogues, and no sentence in the code; the testing kit is
    English.
    """
    found = [
        f"{path.relative_to(SOURCES)}:{node.lineno}"
        for path in sorted(SOURCES.rglob("*.py"))
        if "testing" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for text in _said_by(node)
        if isinstance(text, (ast.Constant, ast.JoinedStr)) and SENTENCE.search(ast.unparse(text))
    ]

    assert [] == found
