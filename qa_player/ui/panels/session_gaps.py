"""What stands in the place of the sessions while none is listed: why, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from qa_player.errors import NetworkError
from qa_player.model.wording import listed
from qa_player.services.library import Refreshed
from qa_player.ui.widgets.text import one_line
from qa_player.ui.widgets.times import counted


class Gap(Enum):
    """Why nothing is listed, or what is under way."""

    NO_CONNECTION = auto()
    LOADING = auto()
    NOTHING_FITS = auto()
    TROUBLE = auto()
    CANNOT_LIST = auto()
    EMPTY = auto()


@dataclass(frozen=True)
class Words:
    """A heading, a sentence, and the words of the button that is the next step."""

    heading: str
    sentence: str
    button: str


def words_for(gap: Gap, *, trouble: str = "") -> Words:
    """``trouble`` is what stands in the notice above the list."""
    told = {
        Gap.NO_CONNECTION: Words(
            "No connection yet",
            "A connection is a provider, its address and a key. Sessions are listed here once there is one.",
            "Connect a provider…",
        ),
        Gap.LOADING: Words("Loading sessions …", "", "Stop"),
        Gap.NOTHING_FITS: Words("Nothing fits", "No session fits the search and the filters.", "Show all"),
        Gap.TROUBLE: Words("Nothing to show", trouble, "Try again"),
        Gap.CANNOT_LIST: Words(
            "This connection cannot list",
            "Its provider gives sessions by their ids only. Bring them by id or link, from a file or a folder; "
            "then they stand here.",
            "Bring sessions by id…",
        ),
        Gap.EMPTY: Words("No sessions", "The provider has no session for this key yet.", "Ask again"),
    }
    return told[gap]


def notice_for(brought: Refreshed, *, kept: bool) -> tuple[str, str, bool]:
    """What stands above the list after a refresh, its tone, and whether a provider was out of reach; ``kept`` says that
    sessions of earlier are listed all the same."""
    # its kinds are answers, if odd ones: only the plain error is silence
    away = [one_line(name) for name, error in brought.errors if type(error) is NetworkError]
    words = [
        f"{one_line(name)}: {error.message} {error.next_step}"
        for name, error in brought.errors
        if not (kept and type(error) is NetworkError)
    ]
    if brought.unreadable:
        words.append(f"{counted(brought.unreadable, 'session')} could not be read and are left out.")
    tone = "critical" if words else "minor"
    if kept and away:
        names = listed(away)
        words.insert(0, f"Offline: {names} could not be reached. What was kept is listed; Refresh tries again.")
    return "\n".join(words), tone, bool(away)
