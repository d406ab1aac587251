"""
Every word in the name of a class or module is in the glossary, or is plain English or Python.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "salesflow"
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
PLAIN = (Path(__file__).parent / "plain_words.txt").read_text("utf-8")

ROW = re.compile(r"^\| ([^|]+) \| ([^|]*)\|", re.MULTILINE)
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words(name: str) -> list[str]:
    """``SqliteStore`` and ``sqlite_store`` are both the words *sqlite* and *store*."""
    return [word.lower() for word in WORD.findall(name) if not word.isdigit()]


def names() -> dict[str, str]:
    """Each word of the names of modules and classes, private ones too, with one place where it is used."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE)
        for word in words(" ".join(place.with_suffix("").parts)):
            found.setdefault(word, str(place))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                for word in words(node.name):
                    found.setdefault(word, f"class {node.name} in {place}")
    return found


def entries() -> set[str]:
    """The words of the first column, up to the table of words that are not used."""
    used = GLOSSARY.partition("\n## Words that are not used")[0]
    return {word for entry, _ in ROW.findall(used) for word in words(entry)}


def forms(word: str) -> set[str]:
    """The word itself, and what it may be a plural or a participle of: *changes*, *changed*, *planned*, *queries*."""
    found = {word, *(word.removesuffix(ending) for ending in ("s", "es", "ed", "d", "ing", "er", "r"))}
    found |= {word.removesuffix(ending) + end for ending, end in (("ies", "y"), ("ing", "e")) if word.endswith(ending)}
    return found | {form[:-1] for form in found if len(form) > 3 and form[-1] == form[-2]}


@pytest.mark.slow
def test_every_word_is_explained():
    """
    A word in the name of a class or module stands in the glossary, or in the list of plain words beside this test.
    """
    known = entries() | set(PLAIN.split())
    missing = {word: place for word, place in names().items() if not forms(word) & known}

    assert {} == missing


@pytest.mark.slow
def test_no_plain_word_is_left_over():
    """
    The list of plain words has each word once, in order, and none that no name uses or that the glossary explains.
    """
    listed = PLAIN.split()
    used = {form for word in names() for form in forms(word)}

    assert sorted(set(listed)) == listed
    assert [] == [word for word in listed if word not in used or word in entries()]


def test_every_word_has_its_chinese_term():
    """
    Every entry of the glossary names the Chinese term.
    """
    used = GLOSSARY.partition("\n## Words that are not used")[0]
    rows = [(entry, term.strip()) for entry, term in ROW.findall(used) if not set(entry) <= set("- ")]

    assert [] == [entry for entry, term in rows if not term]


def test_every_word_has_one_meaning():
    """
    No word has two entries.
    """
    used = GLOSSARY.partition("\n## Words that are not used")[0]
    listed = [entry for entry, _ in ROW.findall(used) if entry.strip("- ") not in {"", "word"}]

    assert [] == sorted({entry for entry in listed if listed.count(entry) > 1})
