"""
Every page in a browser: on a wide screen, on a telephone and on paper, in both languages.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest
from salesflow_report import NAMES, Page, Texts, to_html

from .conftest import LANGS


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTHS = (1280, 400)
A4 = (595, 842)  # points
LOOK = """
const found = {}, known = {};
const canvas = document.createElement("canvas"), pen = canvas.getContext("2d", { willReadFrequently: true });
canvas.width = canvas.height = 40;
const drawing = (sign, family) => {
  pen.clearRect(0, 0, 40, 40);
  pen.font = "24px " + family;
  pen.fillText(sign, 4, 30);
  return pen.getImageData(0, 0, 40, 40).data.join();
};
// A sign that no font has looks like one that Unicode does not have.
const is_missing = (sign, family) => known[sign + family] ??= drawing(sign, family) === drawing("\\u0378", family);
const missing_in = (page, view) => {
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT), missing = new Set();
  while (walker.nextNode()) {
    const family = view.getComputedStyle(walker.currentNode.parentElement).fontFamily;
    for (const sign of walker.currentNode.data.replace(/[\\p{Z}\\p{C}]/gu, "")) {
      if (is_missing(sign, family)) missing.add(sign);
    }
  }
  return [...missing];
};
for (const frame of document.querySelectorAll("iframe")) {
  const page = frame.contentDocument, view = frame.contentWindow;
  const overlaps = [], empty = [];
  for (const svg of page.querySelectorAll("figure svg")) {
    const texts = [...svg.querySelectorAll("text")].filter(each => each.textContent.trim())
      .map(each => [each.textContent, each.getBoundingClientRect()]).filter(([, box]) => box.width > 0);
    texts.forEach(([one, a], place) => texts.slice(place + 1).forEach(([other, b]) => {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && high > 0.35 * Math.min(a.height, b.height)) overlaps.push(one + " | " + other);
    }));
    const drawn = [...svg.querySelectorAll("[class*='mark-rect'] path, [class*='mark-symbol'] path, " +
      "[class*='mark-line'] path, [class*='mark-rule'] line")].filter(each => {
        const box = each.getBoundingClientRect();
        return !each.closest(".role-axis, .role-legend, .background") && box.width + box.height > 2;
      });
    if (!drawn.length) empty.push(svg.getAttribute("aria-label"));
  }
  found[frame.id] = {
    wide: page.documentElement.scrollWidth - page.documentElement.clientWidth,
    overlaps, empty, missing: missing_in(page, view),
    requests: view.performance.getEntriesByType("resource").map(each => each.name),
    images: page.querySelectorAll("svg").length,
  };
}
found.control = ["A", "\\u0379", "中"].map(sign => is_missing(sign, "sans-serif"));
document.getElementById("found").textContent = JSON.stringify(found);
"""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs the browser Chromium")]


def chromium(*arguments: str) -> str:
    """
    Run the browser without a window, and return what it prints.
    """
    assert CHROMIUM is not None
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", *arguments]
    return subprocess.run(command, check=True, capture_output=True, timeout=120).stdout.decode()


@pytest.fixture(scope="session")
def looked(pages: Mapping[tuple[str, str], Page], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """
    What a browser sees of every page, by name, language and width; each page is in a frame, as it is.
    """
    frames = [
        f'<iframe id="{name} {lang} {width}" width="{width}" height="900" srcdoc="{escape(html, quote=True)}"></iframe>'
        for (name, lang), page in pages.items()
        for html in [to_html(page, Texts.of(lang))]
        for width in WIDTHS
    ]
    body = f'{"".join(frames)}<pre id="found"></pre><script>onload = () => {{ {LOOK} }};</script>'
    file = tmp_path_factory.mktemp("browser") / "pages.html"
    file.write_text(f'<!doctype html><meta charset="utf-8">{body}', "utf-8")
    shown = re.search(r'<pre id="found">(.*?)</pre>', chromium("--dump-dom", file.as_uri()), re.DOTALL)
    assert shown is not None
    return json.loads(unescape(shown[1]))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_a_screen(looked: Mapping[str, Any], name: str, lang: str, width: int):
    """
    A page is not wider than the screen, no two texts of a picture overlap, no picture is empty, nothing is fetched.
    """
    seen = looked[f"{name} {lang} {width}"]
    assert {each: seen[each] for each in ("wide", "overlaps", "empty", "requests")} == {
        "wide": 0,
        "overlaps": [],
        "empty": [],
        "requests": [],
    }


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NAMES)
def test_every_sign_of_a_page_has_a_glyph(looked: Mapping[str, Any], name: str, lang: str):
    """
    No text of a page or of its pictures shows a box in place of a sign, whatever language people write in.
    """
    latin, unassigned, chinese = looked["control"]
    assert (False, True) == (latin, unassigned)
    if chinese:
        pytest.skip("needs a font with Chinese signs")

    assert [] == looked[f"{name} {lang} 1280"]["missing"]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["dashboard", "project"])
def test_a_page_prints_on_a4(pages: Mapping[tuple[str, str], Page], tmp_path: Path, name: str, lang: str):
    """
    A page prints on a few sheets of A4.
    """
    html, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    html.write_text(to_html(pages[name, lang], Texts.of(lang)), "utf-8")
    chromium(f"--print-to-pdf={pdf}", "--no-pdf-header-footer", html.as_uri())
    boxes = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf.read_bytes())
    assert {(round(float(wide)), round(float(high))) for wide, high in boxes} == {A4}
    assert 1 <= len(boxes) <= 6
