"""
The reader of expressions: the tree of an expression, the names it needs, and the checks of its bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias, TypeGuard, cast

import attrs
import lark
from celpy.celparser import CELParseError, CELParser
from celpy.evaluation import celstr

from salesflow.errors import in_two_languages
from salesflow.typing import Label


Tree: TypeAlias = "lark.Tree[Any]"

LENGTH: Final = 2_000
"""How many characters an expression may have."""
DEPTH: Final = 60
"""How deep its tree may be; an operator, a parenthesis or a call takes a level or two."""
LOOPS: Final = 2
"""How many of ``all``, ``exists``, ``map`` … may be nested."""

GIVEN: Final = ("actor", "at", "outcome", "reason", "stage")
"""The names that an expression can use besides fields."""
OF_PROJECT: Final = ("entries", "project")
"""The names that only an expression over the whole project can use."""

_LOOPS: Final = frozenset({"all", "exists", "exists_one", "filter", "map"})
_FUNCTIONS: Final = frozenset(
    {"bool", "double", "duration", "has", "int", "matches", "money", "size", "string", "timestamp"}
)
TIMES: Final = (
    *("getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours"),
    *("getMilliseconds", "getMinutes", "getMonth", "getSeconds"),
)
"""The methods that read a component of a time."""
_METHODS: Final = frozenset({"contains", "endsWith", "matches", "size", "startsWith", *TIMES})
_WRAPPERS: Final = frozenset(
    {"expr", "conditionalor", "conditionaland", "relation", "addition", "multiplication", "unary", "member"}
)
_DOTTED: Final = Label("a name with a leading dot", "以点开头的名称")
_REFUSED: Final = {"dot_ident": _DOTTED, "dot_ident_arg": _DOTTED, "member_object": Label("a message", "消息对象")}


@attrs.frozen(eq=False)
class Reading:
    """
    An expression that was read and checked.

    Attributes:
        tree: its tree, without rules of the grammar that only wrap a single child.
        fields: the fields that it reads, and *kinds* the kinds of entries, in the order written.
        whole: whether it may read the whole project.
    """

    text: str
    tree: Tree
    fields: tuple[str, ...]
    kinds: tuple[str, ...]
    whole: bool


def read(text: str, *, whole: bool = False) -> Reading:
    """
    Read an expression.

    Raises:
        ValueError: with line and column, if it is not valid, or exceeds the bounds.
    """
    if len(text) > LENGTH:
        raise ValueError(
            in_two_languages(
                f"the expression has {len(text)} characters; at most {LENGTH} are read.",
                f"表达式有 {len(text)} 个字符；最多读取 {LENGTH} 个。",
            )
        )
    try:
        parser: Any = CELParser()
        full: Tree = parser.parse(text)
    except CELParseError as error:
        raise _at(error.line, error.column, "this is not a valid expression", "表达式无效") from None
    if _deeper(full, 10 * DEPTH):
        raise ValueError(
            in_two_languages(
                f"the expression is nested more than {DEPTH} levels deep; split it into several guards.",
                f"表达式嵌套超过 {DEPTH} 层；请拆成多个门禁。",
            )
        )
    tree = _bare(full)
    if _deeper(tree, DEPTH):
        raise ValueError(
            in_two_languages(
                f"the expression is nested more than {DEPTH} levels deep; split it into several guards.",
                f"表达式嵌套超过 {DEPTH} 层；请拆成多个门禁。",
            )
        )
    names = list(_names(tree, frozenset(), 0, whole=whole))
    fields = tuple(dict.fromkeys(name for what, name in names if what == "field"))
    return Reading(text, tree, fields, tuple(dict.fromkeys(name for what, name in names if what == "kind")), whole)


def _is_tree(node: object) -> TypeGuard[Tree]:
    return isinstance(node, lark.Tree)


def _any(_token: object) -> bool:
    return True


def _at(line: int | None, column: int | None, en: str, zh: str) -> ValueError:
    line, column = line or 1, column or 1
    return ValueError(in_two_languages(f"line {line}, column {column}: {en}.", f"第 {line} 行第 {column} 列：{zh}。"))


def _wrong(token: lark.Token, en: str, zh: str) -> ValueError:
    return _at(token.line, token.column, en, zh)


def _deeper(tree: Tree, limit: int) -> bool:
    # Without recursion, which a tree that is too deep would exceed before the check finds it.
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > limit:
            return True
        waiting += [(child, depth + 1) for child in node.children if _is_tree(child)]
    return False


def _bare(tree: Tree) -> Tree:
    """
    Return the tree without rules that only wrap a single child: eight of them wrap every operand.
    """
    while tree.data in _WRAPPERS and len(tree.children) == 1 and _is_tree(tree.children[0]):
        tree = tree.children[0]
    parts = [_bare(child) if _is_tree(child) else child for child in tree.children]
    return lark.Tree(tree.data, parts, tree.meta)


def _names(tree: Tree, bound: frozenset[str], loops: int, *, whole: bool) -> Iterator[tuple[str, str]]:
    """
    Yield ``("field", id)`` and ``("kind", kind)`` for each field and kind of entry that a tree reads.
    """
    first = next(tree.scan_values(_any), None)
    if tree.data in _REFUSED and first is not None:
        refused = _REFUSED[tree.data]
        raise _wrong(first, f"{refused.en} has no meaning here", f"此处不能使用{refused.zh}")
    if tree.data == "ident":
        yield from _name(cast("lark.Token", tree.children[0]), bound, whole=whole)
        return
    if tree.data in ("member_dot", "member_index"):
        collection = _collection(tree, bound)
        if collection is not None:
            yield _item(tree, collection, whole=whole)
            return
    if tree.data == "member_dot_arg" and tree.children[1] in _LOOPS:
        yield from _loop(tree, bound, loops, whole=whole)
        return
    _check_call(tree)
    for child in tree.children:
        if _is_tree(child):
            yield from _names(child, bound, loops, whole=whole)


def _name(token: lark.Token, bound: frozenset[str], *, whole: bool) -> Iterator[tuple[str, str]]:
    if token in ("fields", "entries") and token not in bound:
        raise _wrong(token, f"{token} needs a name, such as {token}.name", f"{token} 之后须有名称，如 {token}.name")
    if token in OF_PROJECT and not whole and token not in bound:
        raise _wrong(
            token, f"{token} can be read by the guard cel.dossier only", f"{token} 只能由门禁 cel.dossier 读取"
        )
    if token not in bound and token not in (*GIVEN, *OF_PROJECT):
        yield "field", str(token)


def _only(tree: Any) -> Any:
    while _is_tree(tree) and tree.data == "primary":
        tree = tree.children[0]
    return tree


def _collection(tree: Tree, bound: frozenset[str]) -> str | None:
    inner = _only(tree.children[0])
    if _is_tree(inner) and inner.data == "ident":
        name = str(inner.children[0])
        return name if name in ("fields", "entries") and name not in bound else None
    return None


def _item(tree: Tree, collection: str, *, whole: bool) -> tuple[str, str]:
    """
    Return the field or kind that ``fields.name``, ``entries.kind`` or ``entries["kind"]`` names.
    """
    token = next(tree.children[0].scan_values(_any))
    if collection == "entries" and not whole:
        raise _wrong(token, "entries can be read by the guard cel.dossier only", "entries 只能由门禁 cel.dossier 读取")
    wanted = _only(tree.children[1])
    if _is_tree(wanted) and wanted.data == "literal":
        literal = cast("lark.Token", wanted.children[0])
        wanted = str(celstr(literal)) if literal.type == "STRING_LIT" else None
    if not isinstance(wanted, str):
        raise _wrong(
            token,
            f"{collection} needs a plain name, such as {collection}.name",
            f"{collection} 之后须为普通名称，如 {collection}.name",
        )
    return ("field" if collection == "fields" else "kind"), str(wanted)


def _loop(tree: Tree, bound: frozenset[str], loops: int, *, whole: bool) -> Iterator[tuple[str, str]]:
    method = cast("lark.Token", tree.children[1])
    given = tree.children[2].children if len(tree.children) > 2 else []
    variable = _only(given[0]) if len(given) == 2 else None
    if not _is_tree(variable) or variable.data != "ident":
        raise _wrong(
            method,
            f"{method} takes a name and an expression, as in {method}(one, one > 0)",
            f"{method} 须有一个名称和一个表达式，如 {method}(one, one > 0)",
        )
    if loops == LOOPS:
        raise _wrong(method, f"more than {LOOPS} loops are nested", f"嵌套的循环超过 {LOOPS} 层")
    yield from _names((tree.children[0]), bound, loops, whole=whole)
    name = str(variable.children[0])
    yield from _names((given[1]), bound | {name}, loops + 1, whole=whole)


def _check_call(tree: Tree) -> None:
    place = {"ident_arg": (0, _FUNCTIONS), "member_dot_arg": (1, _METHODS)}.get(str(tree.data))
    if place is None:
        return
    name, known = cast("lark.Token", tree.children[place[0]]), place[1]
    if name not in known:
        raise _wrong(
            name,
            f"there is no {name}(); there are {', '.join(sorted(known))}",
            f"没有 {name}()；可用的有 {'、'.join(sorted(known))}",
        )
    if name == "has":
        arguments = tree.children[1].children if len(tree.children) > 1 else []
        asked = _only(arguments[0]) if len(arguments) == 1 else None
        if not _is_tree(asked) or asked.data != "member_dot":
            raise _wrong(
                name,
                "has() takes one selection, as in has(fields.amount)",
                "has() 须有一个字段选择，如 has(fields.amount)",
            )
