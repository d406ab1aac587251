"""
The settings name channels by environment variables, and the link by a template.
"""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest
import salesflow_apprise

import salesflow as sf


DEFINITION = """
id = "deal"
stages = [ { id = "offer", kind = "open" }, { id = "won", kind = "won" } ]

[[transitions]]
id = "win"
source = "offer"
target = "won"
effects = [ { use = "notify", to = ["mail"] } ]
"""
TABLE = """
[plugins.apprise]
channels = { mail = { env = "SALES_MAIL" }, room = { env = "SALES_ROOM" } }
link = "https://sales.example.com/{project}"
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """
    Set the URLs.
    """
    monkeypatch.setenv("SALES_MAIL", "mailtos://robot:sesame99@smtp.example.com?to={address}")
    monkeypatch.setenv("SALES_ROOM", "json://127.0.0.1/sesame99")


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        (
            '{ env = "SALES_MAIL" }',
            '"mailtos://robot:sesame99@smtp.example.com"',
            ".channels",
            "setting 'channels' is not usable",
        ),
        ("SALES_MAIL", "SALES_NONE", ".channels", "the environment variable 'SALES_NONE' is not set"),
        ("SALES_MAIL", "SALES_WORD", "", "URL of channel 'mail': 'SALES_WORD' is not usable"),
        ("SALES_ROOM", "SALES_ODD", "", "URL of channel 'room': 'SALES_ODD' is not usable"),
        ("SALES_ROOM", "SALES_NOWHERE", "", "URL of channel 'room': 'SALES_NOWHERE' is not usable"),
        ("{project}", "here", "", "link: 'https://sales.example.com/here' is not usable"),
        ("{project}", "{project}{owner}", "", "link: 'https://sales.example.com/{project}{owner}' is not usable"),
        ("{project}", "{project", "", "link: 'https://sales.example.com/{project' is not usable"),
        ("https://", "ftp://", "", "link: 'ftp://sales.example.com/{project}' is not usable"),
        ("link", "lnik", ".lnik", "unknown setting 'lnik'"),
    ],
    ids=["url", "not set", "word", "scheme", "no host", "no project", "place", "template", "ftp", "misspelt"],
)
def test_faults(monkeypatch, old, new, path, said):
    """
    What is wrong with the settings is a fault of the definition, which shows no URL.
    """
    monkeypatch.setenv("SALES_WORD", "sesame99")
    monkeypatch.setenv("SALES_ODD", "nosuch://sesame99")
    monkeypatch.setenv("SALES_NOWHERE", "json://")
    report = sf.check_definition(text=DEFINITION + TABLE.replace(old, new), plugins=[salesflow_apprise])

    assert [(f"plugins.apprise{path}", True)] == [
        (each.path, each.problem.startswith(said)) for each in report.faults
    ], str(report)
    assert "sesame99" not in str(report)


def test_without_settings():
    """
    The entry point loads the plugin, which delivers nothing for a definition without its settings.
    """
    assert "salesflow_apprise" in [point.value for point in entry_points(group="salesflow")]
    lifecycle = sf.build_lifecycle(text=DEFINITION, plugins=sf.plugins.Plugins.installed())

    assert () == lifecycle.contributions.notifiers
