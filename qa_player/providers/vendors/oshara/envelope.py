"""The envelope {success, message, data, errors} that Oshara's answers come in, or do not."""

from __future__ import annotations

from typing import Any

from qa_player.providers.statuses import not_as_promised


def content_of(answer: Any) -> Any:
    """What the envelope holds; an answer without one is taken as it is. Raises UnexpectedAnswerError."""
    if not isinstance(answer, dict) or not {"success", "data"} & answer.keys():
        return answer
    if answer.get("success") in (False, "false", "False"):
        raise not_as_promised("it says that the request failed")
    return answer.get("data")
