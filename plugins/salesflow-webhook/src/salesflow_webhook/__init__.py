"""
The webhook plugin: delivers notices as Standard Webhooks, signed, over https, to public addresses only.
"""

from __future__ import annotations

from ._directory import TeamDirectory
from ._errors import SignatureError, WebhookError
from ._signing import new_secret, sign, verify
from ._webhook import Webhook


__all__ = ["SignatureError", "TeamDirectory", "Webhook", "WebhookError", "new_secret", "sign", "verify"]
