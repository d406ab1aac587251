"""
What a webhook is made of is checked when it is made.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from salesflow_webhook import Webhook, new_secret

from salesflow.errors import InputError
from salesflow.typing import Notice


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.test/",
        "ftp://receiver.test/",
        "https:///sales",
        "https://user:pass@receiver.test/",
        "https://receiver.test/#top",
        "https://receiver.test/a b",
        "https://receiver.test/\r\nx: y",
        "https://接收.test/",
        f"https://{'r' * 70}.test/",
        "https://receiver..test/",
        "https://receiver.test:0/",
        "https://receiver.test:https/",
        "https://[::1/",
    ],
)
def test_url(url):
    """
    A URL that is not plain https is refused when it is given, and its path is not shown.
    """
    with pytest.raises(InputError, match="url: ") as caught:
        Webhook(url, new_secret())

    assert "sales" not in str(caught.value).partition("is not usable")[0]


def test_port(receiver):
    """
    Only allowed ports are accepted.
    """
    with pytest.raises(InputError, match=r"port: 25 is not usable\. Use 443 or 8443"):
        receiver.webhook(url="https://receiver.test:25/", ports=[443, 8443])
    receiver.webhook(url="https://receiver.test:8443/", ports=[443, 8443]).send(
        Notice("metro-5", 2, ("team",), "won"), "1"
    )

    assert [("93.184.216.34", 8443)] == receiver.connected
    assert "receiver.test:8443" == receiver.requests[0][1]["Host"]


def test_machine_clock():
    """
    By default the time is that of the machine, in UTC.
    """
    assert timedelta(0) == Webhook("https://receiver.test/", new_secret()).clock().utcoffset()
