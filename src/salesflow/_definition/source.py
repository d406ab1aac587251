"""
Gets the data of a definition from a file, a text or given data, with the line of each key in TOML.
"""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from pathlib import Path
from typing import Any, Final, cast

import attrs

from ..errors import say
from .report import DefinitionText, Fault, fault
from .shape import is_list, is_table


_HEADER: Final = re.compile(r"[ \t]*(\[{1,2})([\w.\- \t\"']+)\]{1,2}[ \t\r]*(?=\n|#|\Z)")
_KEY: Final = re.compile(r"[ \t]*([\w-]+)[ \t]*[=.]")
_TOKEN: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{}\n]",
    re.DOTALL,
)


@attrs.define
class _Scan:
    lines: dict[str, int] = attrs.Factory(dict[str, int])
    counts: dict[str, int] = attrs.Factory(dict[str, int])
    block: str = ""
    key: str = ""

    def count(self, path: str) -> str:
        number = self.counts.get(path, 0)
        self.counts[path] = number + 1
        return f"{path}[{number}]"

    def header(self, brackets: str, name: str, line: int) -> None:
        path = ""
        parts = [part.strip(" \t\"'") for part in name.split(".")]
        for part in parts[:-1]:
            path = _join(path, part)
            if path in self.counts:
                path = f"{path}[{self.counts[path] - 1}]"
        path = _join(path, parts[-1])
        self.block = self.count(path) if brackets == "[[" else path
        self.lines[self.block] = line

    def statement(self, text: str, at: int, line: int) -> None:
        header = _HEADER.match(text, at)
        if header:
            self.header(header[1], header[2], line)
            return
        key = _KEY.match(text, at)
        if key:
            self.key = _join(self.block, key[1])
            self.lines.setdefault(self.key, line)


def _join(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part


def toml_lines(text: str) -> dict[str, int]:
    r"""
    Return the line, from 1, of every block, key and listed inline table, by path.

    >>> toml_lines('id = "a"\n\n[[stages]]\nid = "b"')
    {'id': 1, 'stages[0]': 3, 'stages[0].id': 4}
    """
    scan = _Scan()
    scan.statement(text, 0, 1)
    line, open_brackets = 1, ""
    for token in _TOKEN.finditer(text):
        found = token[0]
        if found == "\n" and not open_brackets:
            scan.statement(text, token.end(), line + 1)
        elif found in ("[", "{"):
            if found == "{" and open_brackets == "[":
                scan.lines[scan.count(scan.key)] = line
            open_brackets += found
        elif found in ("]", "}"):
            open_brackets = open_brackets[:-1]
        line += found.count("\n")
    return scan.lines


LARGEST: Final = 4 * 1024 * 1024
"""How many bytes a definition may have."""

_DEEPEST: Final = 64
_SUFFIXES: Final = (".toml", ".json")
_AT_LINE: Final = re.compile(r"\(at line (\d+),")


def load_source(source: Any) -> tuple[dict[str, Any], dict[str, int]] | Fault:
    """
    Return the data of a definition with the lines of its parts, or what is in the way.

    A string is a text if it has a line break or begins with ``{``, and a path if it ends like one: what is typed
    for a definition never makes the library read some other file.
    """
    if is_table(source):
        return _checked(dict(source), {})
    if isinstance(source, DefinitionText):
        return _from_text(source.text)
    if isinstance(source, os.PathLike):
        return _from_file(Path(cast("os.PathLike[str]", source)))
    if isinstance(source, str):
        if "\n" in source or source.lstrip().startswith("{"):
            return _from_text(source)
        if source.endswith(_SUFFIXES):
            return _from_file(Path(source))
    return fault("", "source.unknown", source=source)


def _from_text(text: str) -> tuple[dict[str, Any], dict[str, int]] | Fault:
    if len(text) > LARGEST:
        return _too_large(say("text.this"))
    return _from_json(text) if text.lstrip().startswith("{") else _from_toml(text)


def _too_large(what: str) -> Fault:
    return fault("", "file.too_large", what=what, limit=LARGEST >> 20)


def _from_file(path: Path) -> tuple[dict[str, Any], dict[str, int]] | Fault:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would block, a device never ends
            return fault("", "file.unreadable/kind", path=path)
        if found.st_size > LARGEST:
            return _too_large(str(path))
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        return fault("", "file.malformed/encoding", path=path, reason=error.reason, start=error.start)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return fault("", "file.unreadable", path=path, reason=reason)
    return _from_json(text) if path.suffix == ".json" else _from_toml(text)


def _from_toml(text: str) -> tuple[dict[str, Any], dict[str, int]] | Fault:
    import tomllib  # noqa: PLC0415 -- a definition may be written in Python

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found else len(text.splitlines())
        return _malformed("TOML", str(error), line)
    except RecursionError:
        return _malformed("TOML", say("file.deep"), None)
    return _checked(data, toml_lines(text.replace("\r\n", "\n")))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        msg = say("file.twice", twice=twice)
        raise ValueError(msg)
    return data


def _from_json(text: str) -> tuple[dict[str, Any], dict[str, int]] | Fault:
    import json  # noqa: PLC0415 -- as above

    try:
        data: Any = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        return _malformed("JSON", error.msg, error.lineno)
    except (ValueError, RecursionError) as error:
        why = say("file.deep") if isinstance(error, RecursionError) else str(error)
        return _malformed("JSON", why, None)
    if not is_table(data):
        return _malformed(say("file.json"), say("file.no_object"), 1)
    return _checked(data, {})


def _malformed(what: str, why: str, line: int | None) -> Fault:
    return attrs.evolve(fault("", "file.malformed", what=what, why=why), line=line)


def _checked(data: dict[str, Any], lines: dict[str, int]) -> tuple[dict[str, Any], dict[str, int]] | Fault:
    if _depth(data) > _DEEPEST:
        return _malformed(say("definition"), say("file.deeper", limit=_DEEPEST), None)
    return data, lines


def _depth(data: Any) -> int:
    """
    Return how deep the data is nested, at most one more than is allowed.
    """
    level: list[Any] = [data]
    for depth in range(_DEEPEST + 1):
        level = [
            item
            for each in level
            if is_table(each) or is_list(each)
            for item in (each.values() if is_table(each) else each)
        ]
        if not level:
            return depth
    return _DEEPEST + 1
