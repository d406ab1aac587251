"""
Vega-Lite specifications as plain data: bars, lines, funnels, matrices, time bars.

Everything they show is in them; nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias


Spec: TypeAlias = dict[str, Any]
Part: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = Sequence[Mapping[str, Any]]

BLUE: Final = "#2563eb"
DEEP: Final = "#1e3a8a"
GREY: Final = "#64748b"
PALE: Final = "#cbd5e1"
RED: Final = "#dc2626"
INK: Final = "#0f172a"
LEVELS: Final[Mapping[str, str]] = {"low": "#86efac", "medium": "#fcd34d", "high": "#fca5a5", "critical": "#f87171"}
SERIES: Final = ("#2563eb", "#d97706", "#15803d", "#9333ea", "#0e7490", "#be123c", "#4d7c0f", "#475569")

_FONT: Final = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
_CONFIG: Final[Part] = {
    "font": _FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelColor": GREY,
        "titleColor": GREY,
        "gridColor": "#e2e8f0",
        "domainColor": PALE,
        "tickColor": PALE,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "legend": {"labelColor": INK, "titleColor": GREY, "labelFontSize": 12, "titleFontSize": 12},
    "range": {"category": list(SERIES)},
    "text": {"color": INK, "fontSize": 12},
}
WIDTH: Final = 560


def _spec(data: Rows, body: Part, *, height: Any, width: int = WIDTH) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "height": height,
        "padding": 4,
        "config": dict(_CONFIG),
        "data": {"values": [dict(each) for each in data]},
        **body,
    }


AMOUNTS_ZH: Final = "万"
"""The format of an axis of amounts in Chinese; in other languages it is ``~s``."""

_WAN: Final = (
    "datum.value >= 1e8 ? format(datum.value / 1e8, '.3~f') + '亿' : "
    "datum.value >= 1e4 ? format(datum.value / 1e4, '.3~f') + '万' : format(datum.value, ',.0f')"
)


_FEW: Final = 6


def _labels(format: str, values: Sequence[Any] = (), ticks: int = 5) -> Part:  # noqa: A002
    """
    Return the ticks of an axis and how its numbers are written; small counts have a tick each, and none between.
    """
    few = bool(values) and all(each is None or each == int(each) for each in values)
    most = int(max((each for each in values if each is not None), default=0)) if few else _FEW
    shown = {"values": list(range(most + 1))} if most < _FEW else {"tickCount": ticks}
    if format == AMOUNTS_ZH:
        return {"labelExpr": _WAN, **shown}
    return {"format": format, "labelExpr": "datum.value === 0 ? '0' : datum.label", **shown}


_SHARES: Final[Part] = {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}
"""The ticks of an axis of shares, which ends at 100 %."""


def _names(field: str, order: Sequence[Any], **axis: Any) -> Part:
    """
    Return the channel of names in this order, one below the other.
    """
    shown = {"title": None, "labelColor": INK, "ticks": False, "domain": False, **axis}
    return {"field": field, "type": "nominal", "sort": order, "axis": shown}


def _number(field: str, **more: Any) -> Part:
    return {"field": field, "type": "quantitative", **more}


def _series(field: str, names: Iterable[Any], **legend: Any) -> Part:
    """
    Return the channel of a colour for each of some names, with what each means above.
    """
    domain = list(names)
    shades = [SERIES[number % len(SERIES)] for number in range(len(domain))]
    scale = {"domain": domain, "range": shades}
    return {"field": field, "type": "nominal", "scale": scale, "legend": {"title": None, "orient": "top", **legend}}


def _layer(mark: Part, encoding: Part, *, data: Rows | None = None, only: str | None = None) -> Part:
    """
    Return one layer, of data of its own or of some rows only, where that is said.
    """
    own = {} if data is None else {"data": {"values": data}}
    chosen = {} if only is None else {"transform": [{"filter": only}]}
    return {**own, **chosen, "mark": mark, "encoding": encoding}


def _below(count: int) -> Part:
    """
    Return how the names under upright columns are written: level, smaller where there are many, each in its place.
    """
    many = count > 8
    return {"labelAngle": 0, "labelFontSize": 10 if many else 12, "labelLimit": WIDTH // max(count, 1) - 4}


def funnel(rows: Rows) -> Spec:
    """
    Return a funnel: a centred bar a stage, with its count, amount and conversion.

    Args:
        rows: in order, each with ``stage``, ``count``, and the texts ``amount`` and ``rate``.
    """
    most = max([each["count"] for each in rows], default=0) or 1
    data = [
        {**each, "from": (1 - each["count"] / most) / 2, "to": (1 + each["count"] / most) / 2, "middle": 0.5}
        for each in rows
    ]
    y = _names("stage", [each["stage"] for each in rows], labelFontSize=13, labelPadding=8)
    x = {"type": "quantitative", "axis": None, "scale": {"domain": [0, 1.7], "nice": False}}
    shades = _number("count", legend=None, scale={"range": ["#60a5fa", DEEP], "domain": [0, most]})

    def text(at: Part, shown: Part, only: str | None = None, **mark: Any) -> Part:
        return _layer({"type": "text", "fontSize": 13, **mark}, {"y": y, "x": {**x, **at}, "text": shown}, only=only)

    # A narrow bar has its count beside it, where it can be read.
    wide, count = f"datum.to - datum.from > {28 / 300}", {"field": "count", "format": ",d"}
    layers = [
        _layer(
            {"type": "bar", "cornerRadius": 3, "height": {"band": 0.82}},
            {"y": y, "x": {**x, "field": "from"}, "x2": {"field": "to"}, "color": shades},
        ),
        text({"field": "middle"}, count, wide, color="white", fontWeight="bold"),
        text({"field": "to"}, count, f"!({wide})", align="left", dx=6),
        text({"datum": 1.38}, {"field": "amount"}, align="right", color=INK),
        text({"datum": 1.66}, {"field": "rate"}, align="right", color=GREY),
    ]
    return _spec(data, {"layer": layers}, height={"step": 38}, width=WIDTH - 60)


def bars(
    rows: Rows,
    category: str,
    value: str,
    *,
    text: str | None = None,
    format: str = ",.0f",  # noqa: A002 -- the word of the specification
    share: bool = False,
) -> Spec:
    """
    Return horizontal bars, each with its value behind it.

    Args:
        rows: in order.
        category, value: the fields of a row that name a bar and say how long it is.
        text: the field that is written behind a bar; by default the value.
        format: of the axis, as in d3-format.
        share: whether the values are shares of a whole, whose axis ends at 100 %.
    """
    numbers = [each[value] for each in rows]
    most = max([float(each or 0) for each in numbers], default=0) or 1
    y = _names(category, [each[category] for each in rows], labelLimit=160, labelPadding=6)
    x = _number(
        value,
        axis={"title": None, "domain": False, **(_SHARES if share else _labels(format, numbers, 4))},
        scale={"domain": [0, 1.22 if share else most * 1.22], "nice": False},
    )
    layers = [
        _layer({"type": "bar", "color": BLUE, "cornerRadiusEnd": 3, "height": {"band": 0.72}}, {"x": x, "y": y}),
        _layer({"type": "text", "align": "left", "dx": 6}, {"x": x, "y": y, "text": {"field": text or value}}),
    ]
    return _spec(rows, {"layer": layers}, height={"step": 32}, width=WIDTH - 130)


def columns(
    rows: Rows,
    category: str,
    value: str,
    *,
    series: str | None = None,
    kinds: Sequence[str] = (),
    format: str = ",.0f",  # noqa: A002
    side: bool = False,
    across: bool = False,
) -> Spec:
    """
    Return upright columns, stacked by a series if there is one, or side by side.

    Args:
        rows: in order.
        category, value, series: the fields of a row.
        kinds: the values of the series, in order; by default as they come.
        format: of the axis.
        side: whether the columns of a series stand side by side.
        across: whether they lie, for names that are long.
    """
    order = list(dict.fromkeys(each[category] for each in rows))
    names = _names(category, order, labelLimit=160, labelPadding=6)
    if not across:
        names = {**names, "axis": {"title": None, "ticks": False, **_below(len(order))}}
    labels = _labels(format, [] if series else [each[value] for each in rows])
    numbers = _number(value, axis={"title": None, "domain": False, **labels})
    encoding: dict[str, Any] = {"x": numbers, "y": names} if across else {"x": names, "y": numbers}
    if series is not None:
        kinds = list(kinds or dict.fromkeys(each[series] for each in rows))
        encoding["color"] = _series(series, kinds)
        if side:
            encoding["xOffset"] = {"field": series, "sort": kinds}
        else:
            encoding["order"] = _number("order")
    mark: Spec = {"type": "bar", "color": BLUE, "cornerRadiusEnd": 2}
    if across:
        mark["height"] = {"band": 0.72}
        return _spec(rows, _layer(mark, encoding), height={"step": 32}, width=WIDTH - 130)
    mark["width"] = {"band": 0.9 if side else 0.7}
    return _spec(rows, _layer(mark, encoding), height=220)


def share_line(rows: Rows, x: str, y: str) -> Spec:
    """
    Return a line of shares, with a point a value; a missing value leaves a gap. The axis ends at 100 %.

    Args:
        rows: in order.
        x, y: the fields of a row.
    """
    order = [each[x] for each in rows]
    encoding = {
        "x": {"field": x, "type": "ordinal", "sort": order, "axis": {"title": None, **_below(len(order))}},
        "y": _number(y, axis={"title": None, "domain": False, **_SHARES}, scale={"domain": [0, 1]}),
    }
    mark = {"type": "line", "point": True, "strokeWidth": 2.5, "color": BLUE}
    return _spec(rows, _layer(mark, encoding), height=220)


def spark(values: Sequence[float | None]) -> Spec:
    """
    Return a small line without axes.
    """
    data = [{"n": number, "v": value} for number, value in enumerate(values) if value is not None]
    encoding = {
        "x": _number("n", axis=None, scale={"nice": False}),
        "y": _number("v", axis=None, scale={"zero": False, "nice": False}),
    }
    mark = {"type": "area", "line": {"color": BLUE, "strokeWidth": 2}, "color": "#dbeafe", "interpolate": "monotone"}
    return _spec(data, _layer(mark, encoding), height=36, width=150)


def histogram(
    rows: Rows,
    marks: Rows,
    *,
    title: str,
    format: str,  # noqa: A002
) -> Spec:
    """
    Return a distribution with upright lines at some of its values.

    Args:
        rows: each with ``start``, ``end`` and ``share``.
        marks: each with ``at`` and ``text``.
        title: of the axis of values.
        format: of that axis.
    """
    top = max([each["share"] for each in rows], default=0) or 1
    # Each label stands above the end of its line, and the further left the higher, so that no line crosses one.
    lifted = [{**each, "foot": 0, "top": top * (1.06 + 0.1 * number)} for number, each in enumerate(reversed(marks))]
    at = {"x": _number("at"), "y": _number("top")}
    axis = {"title": title, "grid": False, "labelFlush": False, **_labels(format, ticks=6)}
    shares = {"title": None, "format": ".0%", "tickCount": 5, "domain": False}
    bars_of = {
        "x": _number("start", axis=axis, bin={"binned": True}),
        "x2": {"field": "end"},
        "y": _number("share", axis=shares, scale={"domain": [0, top * 1.34]}),
    }
    line = {"type": "rule", "color": DEEP, "strokeDash": [4, 3]}
    label = {"type": "text", "align": "left", "dx": 4, "dy": 4, "color": DEEP, "fontWeight": "bold"}
    layers = [
        _layer({"type": "bar", "color": "#93c5fd", "binSpacing": 1}, bars_of),
        _layer(line, {**at, "y2": {"field": "foot"}}, data=lifted),
        _layer(label, {**at, "text": {"field": "text"}}, data=lifted),
    ]
    return _spec(rows, {"layer": layers}, height=240)


def matrix(
    rows: Rows,
    x: str,
    y: str,
    *,
    level: str,
    levels: Mapping[str, str],
    text: str,
    titles: tuple[str, str],
) -> Spec:
    """
    Return cells in colours of levels, each with a number.

    Args:
        rows: each with the fields *x*, *y*, *level* and *text*.
        x, y: numbers of a cell.
        level, levels: the field of a level, and the colour of each, in order.
        text: what a cell says.
        titles: of both axes.
    """
    encoding = {
        "x": {"field": x, "type": "ordinal", "axis": {"title": titles[0], "labelAngle": 0, "ticks": False}},
        "y": {"field": y, "type": "ordinal", "sort": "descending", "axis": {"title": titles[1], "ticks": False}},
    }
    shades = {
        "field": level,
        "type": "nominal",
        "scale": {"domain": list(levels), "range": list(levels.values())},
        "legend": {"title": None, "orient": "right"},
    }
    layers = [
        _layer({"type": "rect", "stroke": "white", "strokeWidth": 3, "cornerRadius": 6}, {"color": shades}),
        _layer({"type": "text", "fontSize": 16, "fontWeight": "bold"}, {"text": {"field": text}}),
    ]
    return _spec(rows, {"encoding": encoding, "layer": layers}, height={"step": 52}, width=5 * 58)


def spans(rows: Rows, *, today: str | None = None, today_text: str = "") -> Spec:
    """
    Return time bars, one line each: plans pale, what is done in full colour, milestones as diamonds.

    Args:
        rows: each with ``name``, ``start``, ``end`` (ISO days), ``group``, and as ``kind`` ``plan``, ``done`` or
            ``milestone``.
        today: where the upright line stands.
        today_text: what it says.
    """
    y = _names("name", list(dict.fromkeys(each["name"] for each in rows)), labelLimit=170)
    x = {"field": "start", "type": "temporal", "axis": {"title": None, "format": "%Y-%m-%d", "tickCount": 10}}
    color = _series("group", dict.fromkeys(each["group"] for each in rows), symbolOpacity=1, symbolType="square")
    bar = {"type": "bar", "cornerRadius": 3, "height": {"band": 0.62}}
    diamond = {"type": "point", "shape": "diamond", "filled": True, "size": 130}

    def of_kind(kind: str, mark: Part, opacity: float, **more: Any) -> Part:
        encoding = {"y": y, "x": x, **more, "color": color}
        return _layer({**mark, "opacity": opacity}, encoding, only=f"datum.kind == '{kind}'")

    layers = [
        of_kind("plan", bar, 0.35, x2={"field": "end"}),
        of_kind("done", bar, 1.0, x2={"field": "end"}),
        of_kind("milestone", diamond, 1),
    ]
    if today is not None:
        now, at = [{"at": today, "text": today_text}], {"field": "at", "type": "temporal"}
        text = {"type": "text", "align": "left", "dx": 4, "dy": -8, "baseline": "bottom", "color": RED}
        layers += [
            _layer({"type": "rule", "color": RED, "strokeDash": [4, 3]}, {"x": at}, data=now),
            _layer(text, {"x": at, "y": {"value": 0}, "text": {"field": "text"}}, data=now),
        ]
    return _spec(rows, {"layer": layers}, height={"step": 32}, width=2 * WIDTH - 130)


def ranges(rows: Rows, category: str, *, title: str) -> Spec:
    """
    Return quartiles: a bar from the first to the third, a line at the median, a thin line to the ninth decile.

    Args:
        rows: in order, each with ``p25`` and ``p50``, and ``p75`` and ``p90`` where they are known: a bar without a
            third quartile ends at the median, and what is not known has no thin line.
        category: the field that names a line.
        title: of the axis of values.
    """
    y = _names(category, [each[category] for each in rows], labelLimit=160)
    data = [{**each, "end": each["p50"] if each["p75"] is None else each["p75"]} for each in rows]
    axis = {"title": title, "tickCount": 6, "domain": False}

    def drawn(mark: Part, start: str, end: str | None = None, only: str | None = None) -> Part:
        span = {} if end is None else {"x2": {"field": end}}
        encoding = {"y": y, "x": _number(start, axis=axis, scale={"zero": True}), **span}
        return _layer(mark, encoding, only=only)

    layers = [
        drawn({"type": "rule", "color": BLUE}, "end", "p90", "datum.p90 !== null"),
        drawn({"type": "bar", "color": BLUE, "height": {"band": 0.5}, "cornerRadius": 2}, "p25", "end"),
        drawn({"type": "tick", "color": DEEP, "thickness": 3, "size": 22}, "p50"),
    ]
    return _spec(data, {"layer": layers}, height={"step": 32}, width=WIDTH - 130)


def graph(nodes: Rows, edges: Rows) -> Spec:
    """
    Return stages as boxes, redder the more was refused there, and transitions as lines, thicker the more were taken.

    Args:
        nodes: each with ``x`` and ``y`` (column and line), ``label``, ``text``, and ``heat`` from 0 to 1.
        edges: each with ``x``, ``y``, ``x2``, ``y2``, ``taken`` (a text), ``weight`` from 0 to 1, and ``back`` (a loop,
            a way out or a hold).
    """
    wide, high = max([each["x"] for each in nodes], default=0), max([each["y"] for each in nodes], default=0)
    boxes = [
        {**each, "left": each["x"] - 0.38, "right": each["x"] + 0.38, "top": each["y"] - 0.3, "foot": each["y"] + 0.3}
        for each in nodes
    ]
    lines = [
        {**each, "mx": each["x"] + (each["x2"] - each["x"]) * 0.5, "my": each["y"] + (each["y2"] - each["y"]) * 0.5}
        for each in edges
    ]

    def at(x: str, y: str) -> Part:
        return {
            "x": _number(x, axis=None, scale={"domain": [-0.5, wide + 0.5], "nice": False}),
            "y": _number(y, axis=None, scale={"domain": [-0.5, high + 0.5], "nice": False, "reverse": True}),
        }

    def text(field: str, x: str = "x", y: str = "y", **mark: Any) -> tuple[Part, Part]:
        return {"type": "text", **mark}, {**at(x, y), "text": {"field": field}}

    width = _number("weight", legend=None, scale={"domain": [0, 1], "range": [1, 9]})
    heat = _number("heat", legend=None, scale={"domain": [0, 1], "range": ["#eff6ff", "#fca5a5"]})
    line = {"type": "rule", "color": PALE, "opacity": 0.85}
    ends = {**at("x", "y"), "x2": {"field": "x2"}, "y2": {"field": "y2"}, "strokeWidth": width}
    sides = {**at("left", "top"), "x2": {"field": "right"}, "y2": {"field": "foot"}, "color": heat}
    onwards = "datum.back === false"
    layers = [
        _layer(line, ends, data=lines, only=onwards),
        _layer({**line, "strokeDash": [5, 4]}, ends, data=lines, only="datum.back === true"),
        _layer({"type": "rect", "cornerRadius": 8, "stroke": PALE}, sides),
        _layer(*text("label", fontWeight="bold", fontSize=13, dy=-9, limit=120)),
        _layer(*text("text", fontSize=11, dy=9, color=GREY, limit=122)),
        _layer(*text("taken", "mx", "my", fontSize=11, color=DEEP, dy=-8), data=lines, only=onwards),
    ]
    across = max((wide + 1) * 165, min((wide + 1) * 250, 1060))
    return _spec(boxes, {"layer": layers}, height=(high + 1) * 92, width=across)
