"""
Vega-Lite specifications as plain data: bars, lines, funnels, matrices, time bars.

Everything they show is in them; nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final


Spec = dict[str, Any]

BLUE: Final = "#2563eb"
DEEP: Final = "#1e3a8a"
GREY: Final = "#64748b"
PALE: Final = "#cbd5e1"
GREEN: Final = "#15803d"
RED: Final = "#dc2626"
INK: Final = "#0f172a"
LEVELS: Final[Mapping[str, str]] = {"low": "#86efac", "medium": "#fcd34d", "high": "#fca5a5", "critical": "#f87171"}
SERIES: Final = ("#2563eb", "#d97706", "#15803d", "#9333ea", "#0e7490", "#be123c", "#4d7c0f", "#475569")

_FONT: Final = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
_CONFIG: Final[Mapping[str, Any]] = {
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


def _spec(data: Sequence[Mapping[str, Any]], body: Mapping[str, Any], *, height: Any, width: int = WIDTH) -> Spec:
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


def _labels(format: str, values: Sequence[Any] = (), ticks: int = 5) -> Mapping[str, Any]:  # noqa: A002
    """
    Return the ticks of an axis and how its numbers are written; small counts have a tick each, and none between.
    """
    few = bool(values) and all(each is None or each == int(each) for each in values)
    most = int(max((each for each in values if each is not None), default=0)) if few else _FEW
    shown = {"values": list(range(most + 1))} if most < _FEW else {"tickCount": ticks}
    if format == AMOUNTS_ZH:
        return {"labelExpr": _WAN, **shown}
    return {"format": format, "labelExpr": "datum.value === 0 ? '0' : datum.label", **shown}


_SHARES: Final[Mapping[str, Any]] = {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}
"""The ticks of an axis of shares, which ends at 100 %."""


_LYING: Final[Mapping[str, Any]] = {"labelColor": INK, "domain": False, "labelLimit": 160, "labelPadding": 6}


def _below(count: int) -> Mapping[str, Any]:
    """
    Return how the names under upright columns are written: level, smaller where there are many, each in its place.
    """
    many = count > 8
    return {"labelAngle": 0, "labelFontSize": 10 if many else 12, "labelLimit": WIDTH // max(count, 1) - 4}


def funnel(rows: Sequence[Mapping[str, Any]]) -> Spec:
    """
    Return a funnel: a centred bar a stage, with its count, amount and conversion.

    Args:
        rows: in order, each with ``stage``, ``count``, and the texts ``amount`` and ``rate``.
    """
    most = max([each["count"] for each in rows], default=0) or 1
    wide = 300
    data = [
        {**each, "from": (1 - each["count"] / most) / 2, "to": (1 + each["count"] / most) / 2, "middle": 0.5}
        for each in rows
    ]
    order = [each["stage"] for each in rows]
    axis = {"title": None, "labelFontSize": 13, "labelColor": INK, "ticks": False, "domain": False, "labelPadding": 8}
    y = {"field": "stage", "type": "nominal", "sort": order, "axis": axis}
    x = {"type": "quantitative", "axis": None, "scale": {"domain": [0, 1.7], "nice": False}}
    bar = {
        "mark": {"type": "bar", "cornerRadius": 3, "height": {"band": 0.82}},
        "encoding": {
            "y": y,
            "x": {**x, "field": "from"},
            "x2": {"field": "to"},
            "color": {
                "field": "count",
                "type": "quantitative",
                "legend": None,
                "scale": {"range": ["#60a5fa", DEEP], "domain": [0, most]},
            },
        },
    }
    # A narrow bar has its count beside it, where it can be read.
    inside = {
        "transform": [{"filter": f"datum.to - datum.from > {28 / wide}"}],
        "mark": {"type": "text", "color": "white", "fontWeight": "bold", "fontSize": 13},
        "encoding": {"y": y, "x": {**x, "field": "middle"}, "text": {"field": "count", "format": ",d"}},
    }
    beside = {
        "transform": [{"filter": f"datum.to - datum.from <= {28 / wide}"}],
        "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 13},
        "encoding": {"y": y, "x": {**x, "field": "to"}, "text": {"field": "count", "format": ",d"}},
    }

    def column(field: str, at: float, color: str) -> Mapping[str, Any]:
        return {
            "mark": {"type": "text", "align": "right", "color": color, "fontSize": 13},
            "encoding": {"y": y, "x": {**x, "datum": at}, "text": {"field": field}},
        }

    layers = [bar, inside, beside, column("amount", 1.38, INK), column("rate", 1.66, GREY)]
    return _spec(data, {"layer": layers}, height={"step": 38}, width=WIDTH - 60)


def bars(
    rows: Sequence[Mapping[str, Any]],
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
    order = [each[category] for each in rows]
    numbers = [each[value] for each in rows]
    most = max([float(each or 0) for each in numbers], default=0) or 1
    axis = {"title": None, "labelColor": INK, "ticks": False, "domain": False, "labelLimit": 160, "labelPadding": 6}
    y = {"field": category, "type": "nominal", "sort": order, "axis": axis}
    x = {
        "field": value,
        "type": "quantitative",
        "axis": {"title": None, "domain": False, **(_SHARES if share else _labels(format, numbers, 4))},
        "scale": {"domain": [0, 1.22 if share else most * 1.22], "nice": False},
    }
    layers = [
        {
            "mark": {"type": "bar", "color": BLUE, "cornerRadiusEnd": 3, "height": {"band": 0.72}},
            "encoding": {"x": x, "y": y},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6},
            "encoding": {"x": x, "y": y, "text": {"field": text or value}},
        },
    ]
    return _spec(rows, {"layer": layers}, height={"step": 32}, width=WIDTH - 130)


def columns(
    rows: Sequence[Mapping[str, Any]],
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
    encoding: dict[str, Any] = {
        "x": {
            "field": category,
            "type": "nominal",
            "sort": order,
            "axis": {"title": None, "ticks": False, **(_LYING if across else _below(len(order)))},
        },
        "y": {
            "field": value,
            "type": "quantitative",
            "axis": {
                "title": None,
                "domain": False,
                **_labels(format, [] if series else [each[value] for each in rows]),
            },
        },
    }
    if series is not None:
        kinds = list(kinds or dict.fromkeys(each[series] for each in rows))
        shades = [SERIES[number % len(SERIES)] for number in range(len(kinds))]
        encoding["color"] = {
            "field": series,
            "type": "nominal",
            "scale": {"domain": kinds, "range": shades},
            "legend": {"title": None, "orient": "top"},
        }
        if side:
            encoding["xOffset"] = {"field": series, "sort": kinds}
        else:
            encoding["order"] = {"field": "order", "type": "quantitative"}
    mark = {"type": "bar", "color": BLUE, "cornerRadiusEnd": 2, "width": {"band": 0.9 if side else 0.7}}
    if across:
        encoding["x"], encoding["y"] = encoding["y"], encoding["x"]
        mark = {**mark, "height": {"band": 0.72}}
        del mark["width"]
        return _spec(rows, {"mark": mark, "encoding": encoding}, height={"step": 32}, width=WIDTH - 130)
    return _spec(rows, {"mark": mark, "encoding": encoding}, height=220)


def share_line(rows: Sequence[Mapping[str, Any]], x: str, y: str) -> Spec:
    """
    Return a line of shares, with a point a value; a missing value leaves a gap. The axis ends at 100 %.

    Args:
        rows: in order.
        x, y: the fields of a row.
    """
    order = [each[x] for each in rows]
    encoding: dict[str, Any] = {
        "x": {
            "field": x,
            "type": "ordinal",
            "sort": order,
            "axis": {"title": None, **_below(len(order))},
        },
        "y": {
            "field": y,
            "type": "quantitative",
            "axis": {"title": None, "domain": False, **_SHARES},
            "scale": {"domain": [0, 1]},
        },
    }
    mark = {"type": "line", "point": True, "strokeWidth": 2.5, "color": BLUE}
    return _spec(rows, {"mark": mark, "encoding": encoding}, height=220)


def spark(values: Sequence[float | None]) -> Spec:
    """
    Return a small line without axes.
    """
    data = [{"n": number, "v": value} for number, value in enumerate(values) if value is not None]
    scale = {"zero": False, "nice": False}
    encoding = {
        "x": {"field": "n", "type": "quantitative", "axis": None, "scale": {"nice": False}},
        "y": {"field": "v", "type": "quantitative", "axis": None, "scale": scale},
    }
    mark = {"type": "area", "line": {"color": BLUE, "strokeWidth": 2}, "color": "#dbeafe", "interpolate": "monotone"}
    return _spec(data, {"mark": mark, "encoding": encoding}, height=36, width=150)


def histogram(
    rows: Sequence[Mapping[str, Any]],
    marks: Sequence[Mapping[str, Any]],
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
    x = {
        "type": "quantitative",
        "axis": {"title": title, "grid": False, "labelFlush": False, **_labels(format, ticks=6)},
    }
    y = {"type": "quantitative", "axis": {"title": None, "format": ".0%", "tickCount": 5, "domain": False}}
    top = max([each["share"] for each in rows], default=0) or 1
    # Each label stands above the end of its line, and the further left the higher, so that no line crosses one.
    lifted = [{**each, "foot": 0, "top": top * (1.06 + 0.1 * number)} for number, each in enumerate(reversed(marks))]
    at = {"x": {"field": "at", "type": "quantitative"}, "y": {"field": "top", "type": "quantitative"}}
    layers = [
        {
            "mark": {"type": "bar", "color": "#93c5fd", "binSpacing": 1},
            "encoding": {
                "x": {**x, "field": "start", "bin": {"binned": True}},
                "x2": {"field": "end"},
                "y": {**y, "field": "share", "scale": {"domain": [0, top * 1.34]}},
            },
        },
        {
            "data": {"values": lifted},
            "mark": {"type": "rule", "color": DEEP, "strokeDash": [4, 3]},
            "encoding": {**at, "y2": {"field": "foot"}},
        },
        {
            "data": {"values": lifted},
            "mark": {"type": "text", "align": "left", "dx": 4, "dy": 4, "color": DEEP, "fontWeight": "bold"},
            "encoding": {**at, "text": {"field": "text"}},
        },
    ]
    return _spec(rows, {"layer": layers}, height=240)


def matrix(
    rows: Sequence[Mapping[str, Any]],
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
        {
            "mark": {"type": "rect", "stroke": "white", "strokeWidth": 3, "cornerRadius": 6},
            "encoding": {"color": shades},
        },
        {
            "mark": {"type": "text", "fontSize": 16, "fontWeight": "bold"},
            "encoding": {"text": {"field": text}},
        },
    ]
    return _spec(rows, {"encoding": encoding, "layer": layers}, height={"step": 52}, width=5 * 58)


def spans(
    rows: Sequence[Mapping[str, Any]],
    *,
    today: str | None = None,
    today_text: str = "",
) -> Spec:
    """
    Return time bars, one line each: plans pale, what is done in full colour, milestones as diamonds.

    Args:
        rows: each with ``name``, ``start``, ``end`` (ISO days), ``group``, and as ``kind`` ``plan``, ``done`` or
            ``milestone``.
        today: where the upright line stands.
        today_text: what it says.
    """
    order = list(dict.fromkeys(each["name"] for each in rows))
    groups = list(dict.fromkeys(each["group"] for each in rows))
    shades = [SERIES[number % len(SERIES)] for number in range(len(groups))]
    axis = {"title": None, "labelColor": INK, "labelLimit": 170, "ticks": False, "domain": False}
    y = {"field": "name", "type": "nominal", "sort": order, "axis": axis}
    x = {"field": "start", "type": "temporal", "axis": {"title": None, "format": "%Y-%m-%d", "tickCount": 10}}
    color = {
        "field": "group",
        "type": "nominal",
        "scale": {"domain": groups, "range": shades},
        "legend": {"title": None, "orient": "top", "symbolOpacity": 1, "symbolType": "square"},
    }
    bar = {"type": "bar", "cornerRadius": 3, "height": {"band": 0.62}}
    layers: list[Mapping[str, Any]] = [
        {
            "transform": [{"filter": f"datum.kind == '{kind}'"}],
            "mark": {**bar, "opacity": opacity},
            "encoding": {"y": y, "x": x, "x2": {"field": "end"}, "color": color},
        }
        for kind, opacity in (("plan", 0.35), ("done", 1.0))
    ]
    layers.append(
        {
            "transform": [{"filter": "datum.kind == 'milestone'"}],
            "mark": {"type": "point", "shape": "diamond", "filled": True, "size": 130, "opacity": 1},
            "encoding": {"y": y, "x": x, "color": color},
        }
    )
    if today is not None:
        now = {"values": [{"at": today, "text": today_text}]}
        at = {"field": "at", "type": "temporal"}
        layers.append(
            {
                "data": now,
                "mark": {"type": "rule", "color": RED, "strokeDash": [4, 3]},
                "encoding": {"x": at},
            }
        )
        layers.append(
            {
                "data": now,
                "mark": {"type": "text", "align": "left", "dx": 4, "dy": -8, "baseline": "bottom", "color": RED},
                "encoding": {"x": at, "y": {"value": 0}, "text": {"field": "text"}},
            }
        )
    return _spec(rows, {"layer": layers}, height={"step": 32}, width=2 * WIDTH - 130)


def ranges(rows: Sequence[Mapping[str, Any]], category: str, *, title: str) -> Spec:
    """
    Return quartiles: a bar from the first to the third, a line at the median, a thin line to the ninth decile.

    Args:
        rows: in order, each with ``p25`` and ``p50``, and ``p75`` and ``p90`` where they are known: a bar without a
            third quartile ends at the median, and what is not known has no thin line.
        category: the field that names a line.
        title: of the axis of values.
    """
    order = [each[category] for each in rows]
    axis = {"title": None, "labelColor": INK, "ticks": False, "domain": False, "labelLimit": 160}
    y = {"field": category, "type": "nominal", "sort": order, "axis": axis}
    data = [{**each, "end": each["p50"] if each["p75"] is None else each["p75"]} for each in rows]

    def x(field: str) -> Mapping[str, Any]:
        return {
            "field": field,
            "type": "quantitative",
            "axis": {"title": title, "tickCount": 6, "domain": False},
            "scale": {"zero": True},
        }

    layers = [
        {
            "transform": [{"filter": "datum.p90 !== null"}],
            "mark": {"type": "rule", "color": BLUE},
            "encoding": {"y": y, "x": x("end"), "x2": {"field": "p90"}},
        },
        {
            "mark": {"type": "bar", "color": BLUE, "height": {"band": 0.5}, "cornerRadius": 2},
            "encoding": {"y": y, "x": x("p25"), "x2": {"field": "end"}},
        },
        {
            "mark": {"type": "tick", "color": DEEP, "thickness": 3, "size": 22},
            "encoding": {"y": y, "x": x("p50")},
        },
    ]
    return _spec(data, {"layer": layers}, height={"step": 32}, width=WIDTH - 130)


def graph(nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]) -> Spec:
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
    across = {"type": "quantitative", "axis": None, "scale": {"domain": [-0.5, wide + 0.5], "nice": False}}
    down = {
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [-0.5, high + 0.5], "nice": False, "reverse": True},
    }

    def at(x: str, y: str) -> Mapping[str, Any]:
        return {"x": {**across, "field": x}, "y": {**down, "field": y}}

    drawn = [
        {**each, "mx": each["x"] + (each["x2"] - each["x"]) * 0.5, "my": each["y"] + (each["y2"] - each["y"]) * 0.5}
        for each in edges
    ]
    width = {"field": "weight", "type": "quantitative", "legend": None, "scale": {"domain": [0, 1], "range": [1, 9]}}
    layers: list[Mapping[str, Any]] = [
        {
            "data": {"values": drawn},
            "transform": [{"filter": f"datum.back === {flag}"}],
            "mark": {
                "type": "rule",
                "color": PALE,
                "opacity": 0.85,
                **({"strokeDash": [5, 4]} if flag == "true" else {}),
            },
            "encoding": {**at("x", "y"), "x2": {"field": "x2"}, "y2": {"field": "y2"}, "strokeWidth": width},
        }
        for flag in ("false", "true")
    ]
    layers.append(
        {
            "mark": {"type": "rect", "cornerRadius": 8, "stroke": PALE},
            "encoding": {
                **at("left", "top"),
                "x2": {"field": "right"},
                "y2": {"field": "foot"},
                "color": {
                    "field": "heat",
                    "type": "quantitative",
                    "legend": None,
                    "scale": {"domain": [0, 1], "range": ["#eff6ff", "#fca5a5"]},
                },
            },
        }
    )
    layers.append(
        {
            "mark": {"type": "text", "fontWeight": "bold", "fontSize": 13, "dy": -9, "limit": 120},
            "encoding": {**at("x", "y"), "text": {"field": "label"}},
        }
    )
    layers.append(
        {
            "mark": {"type": "text", "fontSize": 11, "dy": 9, "color": GREY, "limit": 122},
            "encoding": {**at("x", "y"), "text": {"field": "text"}},
        }
    )
    layers.append(
        {
            "data": {"values": drawn},
            "transform": [{"filter": "datum.back === false"}],
            "mark": {"type": "text", "fontSize": 11, "color": DEEP, "dy": -8},
            "encoding": {**at("mx", "my"), "text": {"field": "taken"}},
        }
    )
    return _spec(
        boxes, {"layer": layers}, height=(high + 1) * 92, width=max((wide + 1) * 165, min((wide + 1) * 250, 1060))
    )
