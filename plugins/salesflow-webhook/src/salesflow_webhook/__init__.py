"""
The webhook plugin: delivers notices as Standard Webhooks, signed, over https, to public addresses only.

The entry point loads this module; it delivers for lifecycles whose definition has ``[plugins.webhook]``.
"""

from __future__ import annotations

from ._directory import TeamDirectory
from ._errors import SignatureError, WebhookError
from ._settings import WebhookSettings, salesflow_notify, salesflow_settings
from ._signing import new_secret, sign, verify
from ._webhook import Webhook


__all__ = [
    "SignatureError",
    "TeamDirectory",
    "Webhook",
    "WebhookError",
    "WebhookSettings",
    "new_secret",
    "salesflow_notify",
    "salesflow_settings",
    "sign",
    "verify",
]
