"""
Every error: what it says, what it keeps, and that it survives being sent to another process.
"""

from __future__ import annotations

import copy
import inspect
import pickle
from datetime import UTC, datetime

from salesflow import check_definition, errors
from salesflow.errors import SalesflowError, nearest, shown
from salesflow.typing import Key

from .cases import over_cases
from .equipment import Clock
from .pipeline_factory import make_pipeline


AT = datetime(2026, 3, 2, tzinfo=UTC)
LAST = datetime(2026, 3, 3, tzinfo=UTC)


def refusal():
    """A refusal with verdicts of guards, evidence and remedies."""
    pipeline = make_pipeline(clock=Clock())
    pipeline.open("Core network", id="P-1")
    return pipeline.decide("P-1", "make_offer")


REPORT = check_definition({"schema": 1, "id": "Short"})
REFUSED = refusal()
PROBLEMS = (errors.InputError("field 'a'", 1, "Pass a text."), errors.InputError("field 'b'", None, "Pass a number."))

# error, its message, its parts
TABLE = [
    (SalesflowError("no"), "no", {}),
    (errors.DefinitionError(REPORT), str(REPORT), {"report": REPORT}),
    (
        errors.PluginError("meddicc", "it implements no hook.", remedy="Mark its functions."),
        "plugin 'meddicc': it implements no hook. Mark its functions.",
        {"plugin": "meddicc", "hook": None, "remedy": "Mark its functions."},
    ),
    (
        errors.PluginError("m", "no.", remedy="Look.", hook="h", argument="a", distribution="d 1.0"),
        "plugin 'm', distribution 'd 1.0', hook 'h', argument 'a': no. Look.",
        {"plugin": "m", "hook": "h", "argument": "a", "distribution": "d 1.0"},
    ),
    (
        errors.InputError("field 'amount'", 5, "It takes money."),
        "field 'amount': 5 is not usable. It takes money.",
        {"what": "field 'amount'", "value": 5, "hint": "It takes money."},
    ),
    (
        errors.InputErrors(PROBLEMS),
        (
            "2 values are not usable:\n"
            "  - field 'a': 1 is not usable. Pass a text.\n"
            "  - field 'b' is missing. Pass a number."
        ),
        {"value": [1, None]},
    ),
    (
        errors.CurrencyMismatchError("CNY", "EUR"),
        "currency: 'EUR' is not usable. It is combined with CNY; convert one of the amounts first.",
        {"left": "CNY", "right": "EUR"},
    ),
    (
        errors.UnknownFieldError("amonut", ["amount", "owner"], lifecycle="short"),
        (
            "field: 'amonut' is not usable. Lifecycle 'short' declares no such field; declare it under [[fields]]. "
            "Did you mean 'amount'?"
        ),
        {"field": "amonut", "known": ("amount", "owner")},
    ),
    (
        errors.UnknownTriggerError("wim", open=["win", "lose"], known=["lose", "reopen", "win"], stage="offer"),
        "trigger: 'wim' is not usable. Open from stage 'offer': win, lose. Did you mean 'win'?",
        {"trigger": "wim", "open": ("win", "lose"), "known": ("lose", "reopen", "win")},
    ),
    (
        errors.UnknownTriggerError("x", open=[], known=["win"], stage="won"),
        "trigger: 'x' is not usable. Open from stage 'won': none.",
        {"open": ()},
    ),
    (
        errors.BackfillError("P-1", AT, LAST),
        (
            "at= of project 'P-1': 2026-03-02 00:00 UTC is not usable. Its last fact is of "
            "2026-03-03 00:00 UTC; pass backfill=True to import older history."
        ),
        {"at": AT, "last": LAST},
    ),
    (
        errors.DefinitionChangedError("short", "1", "P-1"),
        (
            "project 'P-1' runs under lifecycle 'short', version '1', with another definition than the one given here. "
            "Give the changed definition a new version and pass both to the Pipeline, or restore the old one."
        ),
        {"lifecycle": "short", "version": "1", "project_id": "P-1"},
    ),
    (
        errors.UnknownProjectError("P-9"),
        "project 'P-9' is not in this store. Open it with Pipeline.open(), or look for it with Pipeline.find().",
        {"project_id": "P-9"},
    ),
    (
        errors.ProjectLockedError("P-1", "won"),
        (
            "project 'P-1' is in the final stage 'won' and locked. "
            "Reopen it by a transition of kind 'reopen' before changing it."
        ),
        {"project_id": "P-1", "stage": "won"},
    ),
    (
        errors.ListenerChainError("told", "P-1", 100),
        (
            "listener 'told' may not write to project 'P-1': 100 writes of listeners led to this one. "
            "Have it write only if something is left to do."
        ),
        {"listener": "told", "project_id": "P-1", "depth": 100},
    ),
    (
        errors.FieldLockedError("P-1", REFUSED.blocking),
        "project 'P-1': Still to be filled in: amount.",
        {"project_id": "P-1", "verdicts": REFUSED.blocking},
    ),
    (
        errors.TransitionRefusedError(REFUSED),
        "project 'P-1': 'make_offer' is refused in stage 'lead'.\n  - Still to be filled in: amount.",
        {"decision": REFUSED},
    ),
    (
        errors.EffectError("notify", "win", ZeroDivisionError("no amount")),
        "effect 'notify' of transition 'win' failed (ZeroDivisionError: no amount). Nothing was stored.",
        {"effect": "notify", "transition": "win"},
    ),
    (
        errors.EffectError("notify", "win", "it returned a number"),
        "effect 'notify' of transition 'win' failed (it returned a number). Nothing was stored.",
        {},
    ),
    (errors.StoreError("no"), "no", {}),
    (
        errors.VersionConflictError("P-1", 0, 3),
        "project 'P-1' exists already, at version 3. Choose another id.",
        {"project_id": "P-1", "expected": 0, "actual": 3},
    ),
    (
        errors.VersionConflictError("P-1", 2, 3),
        "project 'P-1' is at version 3, not 2. Load it again and decide on its current state.",
        {"expected": 2, "actual": 3},
    ),
    (
        errors.KeyReusedError("P-1", "k-1"),
        "key 'k-1' of project 'P-1' belongs to a different request. Use a new key for a new request.",
        {"project_id": "P-1", "key": "k-1"},
    ),
    (
        errors.InvalidValueError("field 'note'", "it has U+0000"),
        "field 'note': it has U+0000",
        {"path": "field 'note'", "why": "it has U+0000"},
    ),
    (
        errors.TooLargeError("fact 2", size=300000, limit=262144),
        "fact 2 takes 300,000 bytes, over the limit of 262,144. Keep large content elsewhere and store its digest.",
        {"what": "fact 2", "size": 300000, "limit": 262144},
    ),
    (errors.StoreFullError("no room"), "no room", {"errno": None}),
    (errors.StoreFullError(28, "no room"), "[Errno 28] no room", {"errno": 28, "strerror": "no room"}),
    (errors.StoreFailedError("a sync failed"), "a sync failed", {}),
    (
        errors.StoreLockedError("sales", "process 7"),
        "store 'sales' has a writer already (process 7). Close it first; a journal has one writer.",
        {"holder": "process 7"},
    ),
    (
        errors.StoreCorruptError("sales, byte 9", "a checksum differs"),
        "sales, byte 9: a checksum differs. The store is refused as it is; restore it from a copy.",
        {"place": "sales, byte 9"},
    ),
    (
        errors.SchemaMismatchError("a fact", found=9, wanted=1),
        "a fact has schema 9; this salesflow reads 1. Use a newer salesflow.",
        {"found": 9, "wanted": 1},
    ),
    (errors.StoreClosedError(), "the store is closed. Open it again before using it.", {}),
    (errors.StoreBusyError("sales.db is busy. Try again."), "sales.db is busy. Try again.", {}),
    (errors.StoreUnavailableError("no answer. Start the server."), "no answer. Start the server.", {}),
    (
        errors.OutcomeUnknownError("k-1"),
        (
            "a commit with key 'k-1' may or may not have been stored. "
            "Repeat it with the same key; without one, look at the history first."
        ),
        {"key": "k-1"},
    ),
    (
        errors.OutcomeUnknownError(None),
        (
            "a commit with no key may or may not have been stored. "
            "Repeat it with the same key; without one, look at the history first."
        ),
        {"key": None},
    ),
    (
        errors.LeaseLostError("n:P-1:2:0"),
        "work 'n:P-1:2:0' is not held by this claim any more. Drop what was done for it, and claim again.",
        {"work_id": "n:P-1:2:0"},
    ),
    (errors.ForkedHandleError(), "this store was opened by the parent process. Open it again in the child.", {}),
    (
        errors.UnsupportedError("tenants"),
        "this store has no tenants. Use one whose caps name it.",
        {"capability": "tenants"},
    ),
]
CLASSES = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, SalesflowError)]
NAMES = [f"{type(error).__name__}-{number}" for number, (error, _, _) in enumerate(TABLE)]


def test_table_is_complete():
    """
    The table above has every error class.
    """
    assert set(CLASSES) == {type(error) for error, _, _ in TABLE}


@over_cases(("error", "message", "parts"), TABLE, ids=NAMES)
def test_message_and_parts(error, message, parts):
    """
    An error says the thing, the value and the next step, and keeps the same parts as attributes.
    """
    assert message == str(error)
    assert parts == {name: getattr(error, name) for name in parts}


@over_cases("send", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy], ids=["pickle", "copy"])
@over_cases(("error", "message", "parts"), TABLE, ids=NAMES)
def test_travels(error, message, parts, send):
    """
    An error that was sent to another process, or copied, is the same error.
    """
    error.add_note("in row 17")
    there = send(error)

    assert (type(error), message, error.args) == (type(there), str(there), there.args)
    assert str(error.__dict__) == str(there.__dict__)


def test_refusal_travels_whole():
    """
    The decision in a refusal is readable on the other side, in both languages.
    """
    there = pickle.loads(pickle.dumps(errors.TransitionRefusedError(REFUSED))).decision

    assert (REFUSED, REFUSED.explain("zh")) == (there, there.explain("zh"))
    assert REFUSED.missing == there.missing


def test_problems_travel():
    """
    Each problem of several is there on the other side.
    """
    there = pickle.loads(pickle.dumps(errors.InputErrors(PROBLEMS)))

    assert [str(problem) for problem in PROBLEMS] == [str(problem) for problem in there.problems]


@over_cases("error", CLASSES, ids=lambda kind: kind.__name__)
def test_tree(error):
    """
    Every error is a SalesflowError with a docstring, is listed, and stands in the tree of the module.
    """
    assert issubclass(error, SalesflowError)
    assert (True, True) == (bool(error.__doc__), error.__name__ in errors.__all__)
    assert error.__name__ in errors.__doc__


@over_cases(
    ("error", "builtin"),
    [
        (errors.InputError, ValueError),
        (errors.UnknownProjectError, LookupError),
        (errors.StoreFullError, OSError),
    ],
)
def test_builtin_bases(error, builtin):
    """
    Where Python has a word for it, the error is that as well.
    """
    assert issubclass(error, builtin)


def test_keys_are_shortened():
    """
    A value of any length is cut in a message, and kept whole as an attribute.
    """
    error = errors.UnknownProjectError("P" * 10_000)

    assert (True, "P" * 10_000) == (len(str(error)) < 300, error.project_id)
    assert "… (10002 characters)" in str(error)


@over_cases(
    ("word", "expected"),
    [("amonut", "amount"), ("xyz", None), ("", None), (5, None), (None, None), (Key("a", "b", "c"), None)],
)
def test_nearest(word, expected):
    """
    A near word is suggested; what is no word at all has none near.
    """
    assert expected == nearest(word, ["amount", "owner"])


def test_shown():
    """
    What fits is shown as it is, and the rest is counted.
    """
    assert ("'abc'", "'aaa… (12 characters)") == (shown("abc"), shown("a" * 10, limit=4))


def test_what_cannot_be_shown():
    """
    What is nested too deep, has too many digits, or cannot say what it is, is shown by its class.
    """

    class Mute:
        def __repr__(self):
            raise ZeroDivisionError

    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]

    assert ["<list>", "<int>", "<Mute>"] == [shown(each) for each in (deep, 10**9999, Mute())]
