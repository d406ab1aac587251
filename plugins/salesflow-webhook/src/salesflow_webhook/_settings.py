"""
The plugin that the entry point loads: a webhook whose address and secrets are settings of a definition.
"""

from __future__ import annotations

import attrs

from salesflow import hookimpl
from salesflow.plugins import Answer, Env
from salesflow.typing import Notice

from ._webhook import Webhook


def _webhook(settings: WebhookSettings) -> Webhook:
    url = settings.url.value if isinstance(settings.url, Env) else settings.url
    secrets = (settings.secrets,) if isinstance(settings.secrets, Env) else settings.secrets
    return Webhook(
        url,
        [each.value for each in secrets],
        source=settings.source,
        allowed=settings.allowed,
        ports=settings.ports,
    )


@attrs.frozen
class WebhookSettings:
    """
    What a definition writes under ``[plugins.webhook]``; each setting means what it means for :class:`Webhook`.

    Args:
        url: ``https`` only; ``{ env = "NAME" }`` if it holds a secret itself.
        secrets: ``{ env = "NAME" }``; while the secret is being changed, the new and the old secret.

    Raises:
        InputError: as :class:`Webhook` does.
    """

    url: str | Env
    secrets: Env | tuple[Env, ...]
    source: str = attrs.field(default="salesflow", kw_only=True)
    allowed: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    ports: tuple[int, ...] = attrs.field(default=(443,), kw_only=True)
    webhook: Webhook = attrs.field(init=False, repr=False, eq=False, default=attrs.Factory(_webhook, takes_self=True))


@hookimpl
def salesflow_settings() -> type[WebhookSettings]:
    """
    Declare the settings.
    """
    return WebhookSettings


@hookimpl
def salesflow_notify(notice: Notice, settings: WebhookSettings) -> Answer:
    """
    Deliver a notice to the receiver of the project's lifecycle.
    """
    return settings.webhook.salesflow_notify(notice)
