"""
The public surface: sorted and complete ``__all__``, modules that import alone, entry points that resolve.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import subprocess
import sys
import typing
from pathlib import Path

import pytest

from ..cases import over_cases


SOURCE = Path(__file__).parents[2] / "src"
MODULES = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
    for path in (SOURCE / "salesflow").rglob("*.py")
    if path.name != "__main__.py"
)
DOORS = [name for name in MODULES if not any(part.startswith("_") for part in name.split("."))]

IMPORT_EACH = """
import importlib, sys
for name in sys.argv[1:]:
    for loaded in [key for key in sys.modules if key.partition(".")[0] == "salesflow"]:
        del sys.modules[loaded]
    try:
        importlib.import_module(name)
    except BaseException as error:
        print(f"{name}: {type(error).__name__}: {error}")
"""


def isort_key(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as the linter sorts them."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def own_names(module) -> set[str]:
    """What a module (or a package's files together) defines without an underscore, type variables excepted."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and not inspect.ismodule(value)
        and not isinstance(value, (typing.TypeVar, typing.ParamSpec))
        and f"{getattr(value, '__module__', None)}.".startswith(f"{module.__name__}.")
    }


@over_cases("name", DOORS)
def test_all_is_sorted(name):
    """
    A door lists its names in order, each once.
    """
    listed = importlib.import_module(name).__all__

    assert sorted(set(listed), key=isort_key) == list(listed)


@over_cases("name", DOORS)
def test_all_is_complete(name):
    """
    A door lists every public name it defines, and has every name it lists.
    """
    module = importlib.import_module(name)
    listed = set(module.__all__)
    missing = {each for each in listed if not hasattr(module, each)}

    assert (set(), set()) == (own_names(module) - listed, missing)


def test_dir_of_the_lazy_doors():
    """
    A door that loads its names when they are used lists them all the same.
    """
    import salesflow.testing

    assert set(salesflow.testing.__all__) <= set(dir(salesflow.testing))


@pytest.mark.slow
def test_every_door_imports_alone():
    """
    Any door may be the first module imported, without a warning.
    """
    command = [sys.executable, "-W", "error", "-c", IMPORT_EACH, *DOORS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ("", "", 0) == (done.stdout, done.stderr, done.returncode)


def test_entry_points_resolve():
    """
    What the distribution announces can be loaded.
    """
    announced = importlib.metadata.distribution("salesflow").entry_points
    loaded = [point.load() for point in announced]

    assert [] == [thing for thing in loaded if not (callable(thing) or inspect.ismodule(thing))]
    assert "salesflow" in announced.names


def test_is_marked_as_typed():
    """
    Type checkers of users read the annotations.
    """
    assert (SOURCE / "salesflow" / "py.typed").exists()
