"""
What can go wrong: a delivery that was not made, and a signature that is not ours.
"""

from __future__ import annotations

from salesflow.errors import SalesflowError


class WebhookError(SalesflowError):
    """
    A notice was not delivered.

    Neither the rest of the URL nor the answer is named, since both may hold what is secret.

    Attributes:
        host: the receiver.
        problem: what happened.
        hint: the next step.
        status: what the receiver answered, if it did.
    """

    host: str
    problem: str
    hint: str
    status: int | None

    def __init__(self, host: str, problem: str, hint: str, *, status: int | None = None) -> None:
        self.host, self.problem, self.hint, self.status = host, problem, hint, status
        super().__init__(f"receiver {host!r}: {problem} {hint}")


class SignatureError(SalesflowError):
    """
    A request is not shown to come from who knows the secret.

    Attributes:
        problem: what is wrong with it. Log it; tell the sender nothing.
    """

    problem: str

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"signature of a webhook: {problem} Answer with status 401, and do not act on it.")
