"""What stands in the place of the annotations where there are none to show."""

from __future__ import annotations

from collections.abc import Callable

from qa_player.ui.widgets.placeholder import Placeholder


def tell_nothing_open(placeholder: Placeholder) -> None:
    """No session is open."""
    placeholder.tell("Nothing to mark", "What you mark in a session stands here.")


def tell_nothing_marked(placeholder: Placeholder) -> None:
    """The session has no annotations."""
    placeholder.tell(
        "Nothing is marked",
        "Select a stretch of the wave or a turn and press C, press M for a moment, or a number for a tag.",
    )


def tell_nothing_left(placeholder: Placeholder, clear: Callable[[], object]) -> None:
    """The session has some, and the filter leaves none; ``clear`` shows all."""
    placeholder.tell("The filter leaves nothing", "What is marked is there.", button="Show all", act=clear)
