"""What the window says of sessions as their providers tell of them: stages, facts, marks, and what goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from parts.conversations import conversation, newest_first
from parts.loop import Loop
from parts.window import Room, furnish
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer
from qa_player.files import Home
from qa_player.model.secret import Secret
from qa_player.model.session import Session
from qa_player.services.ongoing import Ongoing
from qa_player.ui.ongoing import OngoingSessions
from qa_player.ui.widgets.session_model import pill_icon
from qa_player.ui.widgets.text import Label

STATUSES = {
    "PENDING": ("Not begun", "has not begun yet"),
    "UPLOADING": ("Uploading", "on its way into the provider's storage"),
    "PROCESSING": ("Processing", "still being made"),
    "READY": ("Not there yet", "gives no way to it"),
    "FAILED": ("Recording failed", "failed at the provider"),
    "NONE": ("No recording", "was not recorded"),
    "DELETED": ("Recording deleted", "was deleted"),
    "EXPIRED": ("Recording expired", "its time is over"),
    "MIGRATING": ("Recording unclear", "what its documents do not"),
}
FORM = {"form_id": "refund-claim", "values": {"Order": "A 20817", "Article": "Coat"}}


def of(status: str, number: int, **told: object) -> Sample:
    """A conversation without a file, whose recording is said to be ``status``."""
    return conversation(number, subject=f"Call {status.title()}", recording_status=status, **told)


def going(turns: int, **told: object) -> Sample:
    said = [
        {"role": "user", "text": f"Line {at}", "start_ms": 100 * at, "end_ms": 100 * at + 90} for at in range(turns)
    ]
    shown = {"subject": "Going on", "finalized": False, "recording_status": "RECORDING", "turns": said}
    return conversation(50, **(shown | told))


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    samples = [of(status, number) for number, status in enumerate(STATUSES, 1)]
    samples += [conversation(20, subject="With a form", forms=[FORM]), going(0)]
    with DemoServer(samples=newest_first(*samples)) as demo:
        yield demo


@pytest.fixture(autouse=True)
def keys_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_PLAYER_KEYCHAIN", "memory")


@pytest.fixture
def bare(loop: Loop, home: Home, qapp: QApplication) -> Iterator[Room]:
    """The window without a connection."""
    room = loop.run(furnish(home, None, qapp))
    try:
        yield room
    finally:
        loop.run(room.close())
    room.shell.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert room.bugs == []


def facts(room: Room) -> list[str]:
    return [label.text() for label in room.panels.details.widget().findChildren(Label)]


async def test_each_status_has_a_row_and_a_sentence_of_its_own(room: Room) -> None:
    rows = room.panels.sessions.list.sessions
    sentences, icons = set(), {}
    for status, (words, sentence) in STATUSES.items():
        await room.open(f"Call {status.title()}")
        at = next(at for at in range(rows.rowCount()) if f"Call {status.title()}" in rows.row_text(at))
        assert words in rows.row_text(at)
        row = rows.row(at)
        assert row is not None
        icons[words] = pill_icon(row)
        await room.until(lambda sentence=sentence: sentence in room.panels.player.trouble.text())
        sentences.add(room.panels.player.trouble.text())
        assert room.panels.transcript.view.turns.rowCount() == 4, "and its transcript can be read"
    assert len(sentences) == len(STATUSES)
    assert len(set(icons.values())) == len(STATUSES) - 1, "deleted and expired are gone alike"
    assert all(icons.values())


async def test_forms_usage_and_origin_are_rows_under_headings(room: Room) -> None:
    await room.open("With a form")
    shown = facts(room)
    for words in ("Form refund-claim", "Order", "A 20817", "Where it came from", "Usage and cost", "1,840"):
        assert words in shown, shown
    assert "form_responses" not in shown
    assert shown.count("With a form") == 1, "what the caller gave along is told once"


async def test_a_conversation_that_goes_on_comes_by_itself(room: Room, demo: DemoServer) -> None:
    await room.open("Going on")
    assert "Nothing was said yet" in room.panels.transcript.placeholder.text()
    now = [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds
        await asyncio.sleep(0.02)

    room.tasks.cancel("ongoing")
    desk = room.desk
    desk.ongoing = OngoingSessions(
        Ongoing(library=room.app.library, sleep=sleep, monotonic=lambda: now[0]),
        library=room.app.library,
        playback=room.app.playback,
        tasks=room.tasks,
        messages=room.panels.messages,
        open_again=desk.open_again,
        renewed=desk.show_details,
    )
    view = room.panels.transcript.view
    demo.api.tell(going(2))
    await room.until(lambda: view.turns.rowCount() == 2)
    demo.api.tell(going(3))
    await room.until(lambda: view.turns.rowCount() == 3)
    assert list(view.turns.texts) == ["Line 0", "Line 1", "Line 2"]
    search = room.panels.sessions.search
    await room.type("G", on=search)
    demo.api.tell(going(3, finalized=True, recording_status="NONE"))
    await room.until(lambda: "has ended" in room.panels.messages.text())
    assert search.hasFocus(), "whoever types goes on typing"


async def test_what_was_kept_opens_when_the_provider_refuses(room: Room, demo: DemoServer) -> None:
    await room.open("With a form")
    await room.open("Call Failed")
    demo.api.key_works = False
    await room.open("With a form")
    assert room.panels.transcript.view.turns.rowCount() == 4
    assert "Shown as it was kept: The provider refused the key." in room.panels.messages.text()
    demo.api.key_works = True
    await room.open("Call Failed")
    assert room.panels.messages.text() == ""


async def test_a_connection_that_cannot_list_says_so_and_what_to_do(bare: Room) -> None:
    with DemoServer() as whole:
        offered = next(one for one in whole.connections if one.provider == "suki")
        room = bare
        await room.app.connections.add(
            name="visits",
            provider="suki",
            base_url=offered.base_url,
            options={"partner_id": offered.options["partner_id"]},
            key=Secret(offered.key),
        )
        placeholder = room.panels.sessions.placeholder
        await room.until(lambda: "cannot list" in placeholder.text())
        wanted = []
        room.panels.sessions.bring_wanted.connect(lambda: wanted.append(1))
        placeholder._button.click()
        assert wanted == [1]
        assert room.panels.sessions.notice.text() == "", "it is no trouble"


async def test_marks_of_turns_are_said_and_tools_are_quiet(bare: Room) -> None:
    with DemoServer() as whole:
        kept = next(one for one in whole.calls if one.recording is not None)
        kept.told["chatHistory"][1]["transcript_confidence"] = 0.617
        offered = next(one for one in whole.connections if one.provider == "lyzr")
        room = bare
        await room.app.connections.add(
            name="calls", provider="lyzr", base_url=offered.base_url, options={}, key=Secret(offered.key)
        )
        rows = room.panels.sessions.list.sessions
        await room.until(lambda: rows.rowCount() == 4 and "kettle" in rows.row_text(1) + rows.row_text(0))
        texts = [rows.row_text(at) for at in range(4)]
        assert all("calls · Lyzr" in text.replace("\u2068", "").replace("\u2069", "") for text in texts), texts
        kettle: Session = next(
            row.session for row in map(rows.row, range(4)) if row is not None and "kettle" in row.session.title
        )
        await room.open(kettle.title)
        model = room.panels.transcript.view.turns
        said = [model.row_text(row) for row in range(model.rowCount())]
        assert [row for row, text in enumerate(said) if text.endswith("interrupted · out of order")] == [6]
        assert sum(text.endswith("61 % sure") for text in said) == 1
        assert {"Traces", "Ended because", "participant disconnected"} <= set(facts(room))
        assert any("US dollars" in text for text in facts(room))
