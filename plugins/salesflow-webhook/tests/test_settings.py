"""
The address and the secrets are settings of a definition, for the module that the entry point loads.
"""

from __future__ import annotations

import socket
from importlib.metadata import entry_points

import pytest
import salesflow_webhook
from salesflow_webhook import SignatureError, new_secret, verify

import salesflow as sf

from .conftest import PEM


DEFINITION = """
id = "deal"
stages = [ { id = "offer", kind = "open" }, { id = "won", kind = "won" } ]

[[transitions]]
id = "win"
source = "offer"
target = "won"
effects = [ { use = "notify", to = ["team"], topic = "won" } ]
"""
TABLE = """
[plugins.webhook]
url = { env = "SALES_URL" }
secrets = [ { env = "SALES_NEW" }, { env = "SALES_OLD" } ]
source = "shanghai"
allowed = ["127.0.0.0/8"]
ports = [%s]
"""


@pytest.fixture
def names(monkeypatch, receiver):
    """
    Set the environment: secrets, the certificate to trust, and a name server that knows the receiver.
    """
    look_up = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **named: look_up("127.0.0.1", *more, **named))
    for name, value in {
        "SALES_URL": f"https://receiver.test:{receiver.port}/sales",
        "SALES_NEW": receiver.secret,
        "SALES_OLD": new_secret(),
        "SSL_CERT_FILE": str(PEM),
    }.items():
        monkeypatch.setenv(name, value)


def won(text):
    """
    Return a pipeline with a project that was just won.
    """
    lifecycle = sf.build_lifecycle(text=text, plugins=[salesflow_webhook])
    pipeline = sf.Pipeline(lifecycle, actor=sf.Actor("li.wei"))
    pipeline.open("Metro line 5", id="metro-5")
    pipeline.fire("metro-5", "win")
    return pipeline


def test_delivers(names, receiver):
    """
    A notice is delivered to the address of the settings, and signed with each of their secrets.
    """
    report = won(DEFINITION + TABLE % receiver.port).deliver()

    assert (1, ()) == (report.done, report.failures)
    [(first, headers, body)] = receiver.requests
    assert ("POST /sales HTTP/1.1", True) == (first, b'"source":"shanghai"' in body)
    assert headers["webhook-id"] == verify(receiver.secret, headers, body)
    assert 2 == len(headers["webhook-signature"].split())
    with pytest.raises(SignatureError):
        verify(new_secret(), headers, body)


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ('{ env = "SALES_URL" }', '"http://receiver.test/"', "", "url: 'http://r…' is not usable"),
        ('{ env = "SALES_NEW" }', '"whsec_a"', ".secrets", "setting 'secrets' is not usable"),
        ("SALES_NEW", "SALES_NONE", ".secrets", "the environment variable 'SALES_NONE' is not set"),
        ("SALES_NEW", "SALES_URL", "", "secret: '…' is not usable"),
        ("127.0.0.0/8", "here", "", "network: 'here' is not usable"),
        ("ports", "prots", ".prots", "unknown setting 'prots'"),
    ],
    ids=["url", "in the file", "not set", "no secret", "network", "misspelt"],
)
def test_faults(names, receiver, old, new, path, said):
    """
    What is wrong with the settings is a fault of the definition.
    """
    report = sf.check_definition(
        text=DEFINITION + (TABLE % receiver.port).replace(old, new), plugins=[salesflow_webhook]
    )

    assert [(f"plugins.webhook{path}", True)] == [(each.path, each.problem.startswith(said)) for each in report.faults]


def test_secret_in_text(names, receiver, monkeypatch):
    """
    One secret needs no list, and an address without a secret may stand in the file.
    """
    text = DEFINITION + TABLE % receiver.port
    text = text.replace('[ { env = "SALES_NEW" }, { env = "SALES_OLD" } ]', '{ env = "SALES_NEW" }')
    text = text.replace('{ env = "SALES_URL" }', f'"https://receiver.test:{receiver.port}/sales"')

    assert 1 == won(text).deliver().done


def test_without_settings():
    """
    The entry point loads the plugin, which delivers nothing for a definition without its settings.
    """
    assert "salesflow_webhook" in [point.value for point in entry_points(group="salesflow")]
    lifecycle = sf.build_lifecycle(text=DEFINITION, plugins=sf.plugins.Plugins.installed())
    pipeline = sf.Pipeline(lifecycle, actor=sf.Actor("li.wei"))

    with pytest.raises(sf.errors.InputError, match="a plugin with salesflow_notify"):
        pipeline.deliver()
