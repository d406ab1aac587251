"""
Stores by URL: the built-in ones, and those that plugins bring.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from salesflow import dossier
from salesflow.errors import InputError, PluginError, UnsupportedError
from salesflow.plugins import Plugins
from salesflow.plugins.hookspecs import hookimpl
from salesflow.stores import JournalStore, MemoryStore

from .cases import over_cases


def bringing(stores):
    """A plugin that brings openers."""
    return SimpleNamespace(name="house", salesflow_stores=hookimpl(lambda: stores))


def test_built_in(tmp_path):
    """
    The stores of the package have a scheme each.
    """
    plugins = Plugins()
    with plugins.open_store("memory:") as memory, plugins.open_store(f"journal:{tmp_path / 'sales'}") as journal:
        assert (MemoryStore, JournalStore) == (type(memory), type(journal))

    with plugins.open_store(f"sqlite:{tmp_path / 'sales.db'}", tenant="north") as sqlite:
        assert "SqliteStore" == type(sqlite).__name__


def test_of_a_plugin():
    """
    A plugin's opener gets the whole URL, the tenant, the entry classes of all plugins, and whether to make it.
    """
    asked = []
    made = MemoryStore()

    def opener(url, *, tenant, entries, create):
        asked.append((url, tenant, len(entries), create))
        return made

    plugins = Plugins(bringing({"house+db": opener}))

    assert made is plugins.open_store("house+db://there", tenant="north", create=False)
    assert [("house+db://there", "north", len(dossier.BUILT_IN), False)] == asked


@over_cases("url", ["", "sales", "jurnal:sales", "memory:there", "journal:", "journal://"])
def test_no_store(url):
    """
    A URL that names no store is refused with those there are.
    """
    with pytest.raises(InputError, match=r"memory:|journal:"):
        Plugins().open_store(url)


def test_schemes_in_chinese():
    """
    Where no plugin opens a URL, those there are named in Chinese as well, with the plugin that may be missing.
    """
    with pytest.raises(InputError) as caught:
        Plugins().open_store("postgresql://db/sales")

    assert "journal:、memory:、sqlite:；或加载能打开它的插件，例如 salesflow-sqlalchemy" in caught.value.text("zh")


@pytest.mark.parametrize("url", ["memory:", "journal:sales"])
def test_no_tenants(url, tmp_path, monkeypatch):
    """
    Stores without tenants say so.
    """
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnsupportedError, match="no tenants"):
        Plugins().open_store(url, tenant="north")


@over_cases("stores", [{"Bad Scheme": MemoryStore}, {"house": "no function"}, [MemoryStore]])
def test_no_opener(stores):
    """
    What is no mapping of schemes to functions is refused.
    """
    with pytest.raises(PluginError, match="a mapping of URL schemes to functions that open one"):
        Plugins(bringing(stores))


@pytest.mark.parametrize("scheme", ["sqlite", "journal"])
def test_reading_makes_nothing(tmp_path, scheme):
    """
    Whoever only reads is refused where there is no store, and nothing is made.
    """
    (tmp_path / "empty").mkdir(mode=0o700)
    for name in ("misspelt", "empty", "no/where"):
        with pytest.raises(InputError, match=r"Check the spelling|not a file"):
            Plugins().open_store(f"{scheme}:{tmp_path / name}", create=False)

    assert [tmp_path / "empty"] == list(tmp_path.rglob("*"))


@over_cases(
    ("url", "shown"),
    [
        ("postgres://kim:s3cr3t@host/db", "postgres://kim:***@host/db"),
        ("mysql://kim:s3cr3t@x@host/db?sslpassword=s3cr3t&a=1", "mysql://kim:***@host/db?sslpassword=***&a=1"),
        ("kim:s3cr3t@host", "kim:***@host"),
    ],
)
def test_passwords_are_not_shown(url, shown):
    """
    A URL that is refused is shown without its password.
    """
    with pytest.raises(InputError) as caught:
        Plugins().open_store(url)

    assert (shown, False) == (caught.value.value, "s3cr3t" in str(caught.value))
