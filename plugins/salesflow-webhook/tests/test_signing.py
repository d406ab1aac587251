"""
Signatures are those of the specification, and verifying them refuses everything else.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st
from salesflow_webhook import SignatureError, new_secret, sign, verify
from salesflow_webhook._signing import signed_headers

from salesflow.errors import InputError


SECRET, OTHER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", new_secret()
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'


def headers(**changed):
    """
    Return headers that fit, apart from what is changed.
    """
    made = signed_headers([SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", AT, BODY)
    return {**made, **{f"webhook-{name}": value for name, value in changed.items()}}


def test_published_vector():
    """
    The example of the specification has the signature that it says.
    """
    made = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY)

    assert "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" == made


def test_verify():
    """
    What was signed is verified, in whatever case the headers come, and gives the id.
    """
    given = {name.title(): value for name, value in headers().items()}

    assert "msg_p5jXN8AQM9LWM0D4loKWxJek" == verify(SECRET, given, BODY, at=AT)


def test_now():
    """
    Without a time, it is now that counts.
    """
    signed = signed_headers([SECRET], "msg_1", datetime.now(UTC), b"{}")

    assert "msg_1" == verify(SECRET, signed, b"{}")
    with pytest.raises(SignatureError):
        verify(SECRET, headers(), BODY)


@pytest.mark.parametrize("signing", [[SECRET], [OTHER], [SECRET, OTHER], [OTHER, SECRET]])
def test_rotation(signing):
    """
    While a secret is being changed, either secret is enough on either side.
    """
    signed = signed_headers(signing, "msg_1", AT, BODY)

    assert "msg_1" == verify([SECRET, OTHER], signed, BODY, at=AT)
    assert len(signing) == len(signed["webhook-signature"].split(" "))


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"id": ""}, "there is no webhook-id."),
        ({"timestamp": "", "signature": ""}, "there is no webhook-timestamp and no webhook-signature."),
        ({"timestamp": "soon"}, "its time is not a number of seconds."),
        ({"timestamp": "٣"}, "its time is not a number of seconds."),
        ({"id": "msg_2"}, "none of its signatures fits."),
        ({"timestamp": "1614265331"}, "none of its signatures fits."),
        ({"signature": "v1,é"}, "none of its signatures fits."),
        ({"signature": "v1,\udc80"}, "a header has half a character."),
        ({"id": "msg\udc80"}, "a header has half a character."),
        ({"signature": sign(OTHER, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY)}, "none of its signatures fits."),
    ],
)
def test_refused(changed, problem):
    """
    What is missing or was changed is refused, with the reason.
    """
    with pytest.raises(SignatureError) as caught:
        verify(SECRET, headers(**changed), BODY, at=AT)

    assert problem == caught.value.problem
    assert "Answer with status 401" in str(caught.value)
    assert "请以状态 401 应答" in caught.value.text("zh")


@pytest.mark.parametrize(("seconds", "fits"), [(300, True), (-300, True), (301, False), (-301, False)])
def test_time(seconds, fits):
    """
    Five minutes before and after are accepted, and no more.
    """
    at = AT + timedelta(seconds=seconds)
    if fits:
        assert verify(SECRET, headers(), BODY, at=at)
    else:
        with pytest.raises(SignatureError, match="is allowed") as caught:
            verify(SECRET, headers(), BODY, at=at)

        assert f"its time is {seconds:+d} s from ours; 0:05:00 is allowed." == caught.value.problem


@settings(max_examples=50, deadline=None)
@given(body=st.binary(max_size=80), other=st.binary(max_size=80))
def test_only_the_very_bytes_fit(body, other):
    """
    A signature is valid for one body only.
    """
    signed = signed_headers([SECRET], "msg_1", AT, body)
    if body == other:
        assert "msg_1" == verify(SECRET, signed, other, at=AT)
    else:
        with pytest.raises(SignatureError):
            verify(SECRET, signed, other, at=AT)


def test_new_secret():
    """
    Secrets are made as they are wanted, and never the same twice.
    """
    assert verify(OTHER, signed_headers([OTHER], "msg_1", AT, b""), b"", at=AT)
    assert len({new_secret() for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("secrets", "shown"),
    [
        ([], "()"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "'…'"),
        ("whsec_not*base64", "'whsec_…'"),
        ("whsec_" + b64encode(bytes(23)).decode(), "'whsec_… of 23 bytes'"),
        (["whsec_" + b64encode(bytes(65)).decode()], "'whsec_… of 65 bytes'"),
    ],
)
def test_no_secret(secrets, shown):
    """
    An invalid secret is refused, and not shown.
    """
    with pytest.raises(InputError) as caught:
        verify(secrets, headers(), BODY, at=AT)

    assert f"{shown} is not usable" in str(caught.value)
