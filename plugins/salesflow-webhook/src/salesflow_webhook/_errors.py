"""
The errors of the plugin: a delivery that failed, and a signature that is not valid.
"""

from __future__ import annotations

from salesflow.errors import SalesflowError, in_language, in_two_languages


class WebhookError(SalesflowError):
    """
    A notice was not delivered.

    Neither the rest of the URL nor the answer is shown, since both may hold secrets.

    Attributes:
        host: the receiver.
        problem: what happened.
        hint: the next step.
        status: the HTTP status of the answer, if there was an answer.
    """

    host: str
    problem: str
    hint: str
    status: int | None

    def __init__(self, host: str, problem: str, hint: str, *, status: int | None = None) -> None:
        self.host, self.problem, self.hint, self.status = host, problem, hint, status
        said = (in_language(part, "zh") for part in (problem, hint))
        super().__init__(in_two_languages(f"receiver {host!r}: {problem} {hint}", f"接收方 {host!r}：{''.join(said)}"))


class SignatureError(SalesflowError):
    """
    A request cannot be shown to come from a sender that knows the secret.

    Attributes:
        problem: what is wrong with it. Log it; do not report it to the sender.
    """

    problem: str

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(
            in_two_languages(
                f"signature of a webhook: {problem} Answer with status 401, and do not act on it.",
                f"webhook 的签名：{in_language(problem, 'zh')}请以状态 401 应答，不要据此执行任何操作。",
            )
        )
