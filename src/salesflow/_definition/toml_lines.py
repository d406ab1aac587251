"""
Where things stand in a TOML text, because the parser does not tell.

A light scan: tables, keys, and the inline tables of a list. It looks past texts and
comments, and is only asked about a text that the parser has accepted.
"""

from __future__ import annotations

import re
from typing import Final

import attrs


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
