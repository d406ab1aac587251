"""
The signatures of the Standard Webhooks specification: HMAC-SHA-256 of ``id.timestamp.body``.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import Final

from salesflow.errors import InputError, in_two_languages

from ._errors import SignatureError


TOLERANCE: Final = timedelta(minutes=5)
"""How old a request may be, and how far in the future: clocks differ."""

_PREFIX: Final = "whsec_"
_ID, _TIMESTAMP, _SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_SECONDS: Final = re.compile(r"[0-9]{1,12}")


def new_secret() -> str:
    """
    Return a new secret of 32 random bytes, as the text ``whsec_…`` that both sides keep.
    """
    return _PREFIX + b64encode(token_bytes(32)).decode()


def as_secrets(secrets: str | Iterable[str]) -> tuple[str, ...]:
    """
    Check a secret or several secrets, and return them as a tuple.

    Raises:
        InputError: there is no secret, or a secret is not ``whsec_`` with 24 to 64 bytes in Base64. It is not shown.
    """
    found = (secrets,) if isinstance(secrets, str) else tuple(secrets)
    if not found:
        raise InputError(
            "secrets", found, in_two_languages("Pass one; new_secret() makes it.", "请传入一个；new_secret() 可生成。")
        )
    for secret in found:
        _key(secret)
    return found


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        raise _unusable("…")
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except Base64Error:
        raise _unusable(f"{_PREFIX}…") from None
    if not 24 <= len(key) <= 64:
        raise _unusable(f"{_PREFIX}… of {len(key)} bytes")
    return key


def _unusable(shown: str) -> InputError:
    hint = in_two_languages(
        "Pass 'whsec_' with 24 to 64 bytes in Base64; new_secret() makes one.",
        "请传入 'whsec_' 加 24 至 64 字节的 Base64；new_secret() 可生成。",
    )
    return InputError("secret", shown, hint)


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """
    Return the signature ``v1,…`` of the exact bytes that are sent.

    Args:
        timestamp: seconds since 1970, UTC.

    Raises:
        InputError: the secret is not valid.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()


def signed_headers(secrets: Sequence[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """
    Return the three headers, with a signature for each secret.
    """
    timestamp = int(at.timestamp())
    signatures = " ".join(sign(secret, message_id, timestamp, body) for secret in secrets)
    return {_ID: message_id, _TIMESTAMP: str(timestamp), _SIGNATURE: signatures}


def verify(
    secrets: str | Iterable[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    at: datetime | None = None,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """
    Return the id of a request whose signature is valid; an id that was received before is a repeat.

    Comparing always takes the same time, and every secret is tried.

    Args:
        secrets: the secret of the sender; while it is being changed, the new and the old secret.
        headers: the headers, with names in any case.
        body: the bytes as they were received; another text of the same JSON has another signature.
        at: when the request was received; by default now.

    Raises:
        SignatureError: a header is missing, the time is off by more than *tolerance*, or no signature is valid.
        InputError: a secret is not valid.
    """
    found = {name.lower(): value for name, value in headers.items()}
    missing = [name for name in (_ID, _TIMESTAMP, _SIGNATURE) if not found.get(name)]
    if missing:
        raise SignatureError(
            in_two_languages(f"there is no {' and no '.join(missing)}.", f"缺少 {'、'.join(missing)}。")
        )
    try:
        "".join(found[name] for name in (_ID, _TIMESTAMP, _SIGNATURE)).encode()
    except UnicodeEncodeError:
        raise SignatureError(
            in_two_languages("a header has half a character.", "某个请求头中有不完整的字符。")
        ) from None
    if not _SECONDS.fullmatch(found[_TIMESTAMP]):
        raise SignatureError(in_two_languages("its time is not a number of seconds.", "其时间不是秒数。"))
    timestamp = int(found[_TIMESTAMP])
    now = (datetime.now(UTC) if at is None else at).timestamp()
    if abs(now - timestamp) > tolerance.total_seconds():
        raise SignatureError(
            in_two_languages(
                f"its time is {now - timestamp:+.0f} s from ours; {tolerance} is allowed.",
                f"其时间与本机相差 {now - timestamp:+.0f} 秒；允许 {tolerance}。",
            )
        )
    given = [signature.encode() for signature in found[_SIGNATURE].split(" ")]
    valid = [sign(secret, found[_ID], timestamp, body).encode() for secret in as_secrets(secrets)]
    # A list, not a generator, so that the time does not depend on which signature is valid.
    if not any([hmac.compare_digest(one, other) for one in given for other in valid]):  # noqa: C419 -- as said
        raise SignatureError(in_two_languages("none of its signatures fits.", "没有一个签名相符。"))
    return found[_ID]
