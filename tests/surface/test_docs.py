"""
The documentation tells the truth: its code runs, its commands print what is shown, its files load.

A page is one story with one namespace and one working folder. In it

- every ``python`` block runs; a ``text`` block right after it, or an ``output`` block further
  down, is what it printed, with ``...`` for what differs from run to run;
- every ``toml`` block parses, and one with a ``schema`` is a definition without faults;
- every ``console`` block's ``$ salesflow …`` and ``$ pytest …`` lines run, and what is shown below
  them is what they print;
- a block marked ``no-run`` is only shown;
- a block marked ``file=NAME`` after its language is also kept under that name.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

from ..cases import over_cases


ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md"))]
MUTANTS = re.compile(r"^\$ salesflow mutate .* -- pytest", re.MULTILINE)
"""A suite for each mutant."""
SUITE = re.compile(r"^\$ (pytest|salesflow mutate) |\"-m\", \"pytest\"", re.MULTILINE)
FENCE = re.compile(r"^```(?P<info>[^\n`]+)\n(?P<text>.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    language: str
    keep: str | None
    text: str
    line: int
    adjoins: bool
    """Whether only blank lines stand between this block and the one before."""


def blocks(text: str) -> list[Block]:
    found, end = [], 0
    for match in FENCE.finditer(text):
        language, _, rest = match["info"].strip().partition(" ")
        if rest == "no-run":
            continue
        keep = re.search(r"file=(\S+)", rest)
        line = text.count("\n", 0, match.start("text"))
        adjoins = not text[end : match.start()].strip()
        found.append(Block(language, keep and keep[1], match["text"], line, adjoins))
        end = match.end()
    return found


def same(shown: str, printed: str) -> None:
    if not doctest.OutputChecker().check_output(shown, printed, doctest.ELLIPSIS):
        assert shown == printed


def run_python(block: Block, page: Path, names: dict[str, object]) -> str:
    printed = io.StringIO()
    # The blank lines in front make a traceback point at the line of the page.
    code = compile("\n" * block.line + block.text, str(page), "exec", dont_inherit=True)
    with contextlib.redirect_stdout(printed):
        exec(code, names)
    return printed.getvalue()


def run_console(block: Block, mutants: bool) -> None:
    testing = pytest.importorskip("click.testing")
    from salesflow.cli import main

    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE):
        words = shlex.split(command, comments=True)
        if MUTANTS.match(f"$ {command}") and not mutants:
            continue
        if words[0] == "salesflow":
            done = testing.CliRunner().invoke(main, words[1:])
            if done.exception and not isinstance(done.exception, SystemExit):
                raise done.exception
            if shown.strip():
                same(shown.rstrip() + "\n", done.output.rstrip() + "\n")
        elif words[0] == "pytest":
            same(shown.rstrip() + "\n", run_pytest(words[1:]).rstrip() + "\n")


def run_pytest(words: list[str]) -> str:
    """What pytest prints; it runs in this process, since to begin one takes longer than the tests of most pages."""
    printed, wrong = io.StringIO(), io.StringIO()
    path, modules, profile = [*sys.path], {*sys.modules}, settings.get_current_profile_name()
    options = ["-p", "no:cacheprovider", "--hypothesis-profile=usual"]
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(contextlib.redirect_stderr(wrong))
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("COLUMNS", "80")
        try:
            pytest.main([*options, *words])
        finally:
            settings.load_profile(profile)
            sys.path[:] = path
            # The next run, or page, may have another file of that name.
            for name in {*sys.modules} - modules:
                if Path.cwd() in Path(getattr(sys.modules[name], "__file__", None) or "/").parents:
                    del sys.modules[name]
    assert not wrong.getvalue()

    return printed.getvalue()


def check_toml(block: Block) -> None:
    keys = tomllib.loads(block.text)
    # A mapping has a kind, a directory has people, and the code after it uses it.
    if "schema" in keys and keys.keys().isdisjoint({"kind", "people"}):
        from salesflow import check_definition

        Path("definition-of-this-page.toml").write_text(block.text, "utf-8")

        assert () == tuple(check_definition(Path("definition-of-this-page.toml")).faults)


def name_of(page: Path) -> str:
    """A page's path in the project."""
    return str(page.relative_to(ROOT))


def story(page):
    """A page as a case; one that runs a suite is slow."""
    marks = [pytest.mark.slow] if SUITE.search(page.read_text("utf-8")) else []
    return pytest.param(page, marks=marks, id=name_of(page))


@pytest.mark.parametrize("page", [story(page) for page in PAGES])
def test_page(page, tmp_path, monkeypatch):
    """
    Every example of a page does what the page says.
    """
    monkeypatch.chdir(tmp_path)
    play(page)


@pytest.mark.slow
@pytest.mark.deep
@pytest.mark.parametrize("page", [page for page in PAGES if MUTANTS.search(page.read_text("utf-8"))], ids=name_of)
def test_mutants(page, tmp_path, monkeypatch):
    """
    Also what a page shows of a suite for each mutant, which takes longer than all other pages, is what it prints.
    """
    monkeypatch.chdir(tmp_path)
    play(page, mutants=True)


def play(page: Path, *, mutants: bool = False) -> None:
    """Go through a page from its first block to the last; without the commands that run a suite for each mutant."""
    names: dict[str, object] = {"__name__": "__main__"}
    printed: str | None = None
    for block in blocks(page.read_text("utf-8")):
        if block.keep:
            Path(block.keep).write_text(block.text, "utf-8")
        if block.language == "python":
            printed = run_python(block, page, names)
        elif block.language == "output":
            assert printed is not None, f"line {block.line}: no python block has output left to show here"
            same(block.text, printed)
            printed = None
        elif block.language == "text":
            if block.adjoins and printed is not None:
                same(block.text, printed)
            printed = None
        elif block.language == "toml":
            check_toml(block)
        elif block.language == "console":
            run_console(block, mutants)


@over_cases("page", PAGES, ids=name_of)
def test_links(page):
    """
    A link to another file of the project leads to one.
    """
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)\s#]+)", FENCE.sub("", page.read_text("utf-8")))

    assert [] == [target for target in targets if not (page.parent / target).exists()]


def test_every_page_is_listed():
    """
    The overview of the documentation links to every page.
    """
    overview = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = [str(page.relative_to(ROOT / "docs")) for page in PAGES if page.parent != ROOT and page.name != "README.md"]

    assert [] == [page for page in pages if f"({page})" not in overview]


HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    headings = HEADING.findall(FENCE.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@over_cases("page", PAGES, ids=name_of)
def test_anchors(page):
    """
    A link to a place in a page leads to a heading.
    """
    targets = re.findall(r"\]\((?!https?:|mailto:)([^)\s#]*)#([^)\s]+)\)", FENCE.sub("", page.read_text("utf-8")))

    assert [] == [
        (file, place) for file, place in targets if place not in anchors(page.parent / file if file else page)
    ]
