"""What the window says when there is nothing, when something is wrong, and when what comes from outside is hostile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from parts import accessible
from parts.loop import Loop
from parts.window import Room, StallWatch, furnish
from qa_player.demo.samples import Sample, load_samples
from qa_player.demo.server import DemoServer
from qa_player.files import Home
from qa_player.settings import read_settings
from qa_player.ui.dialogs.connection import ConnectionDialog
from qa_player.ui.dialogs.export import ExportDialog
from qa_player.ui.dialogs.name import NameDialog

SAMPLE = "Cancel the add-on"
HOSTILE = (
    "<b>bold</b> <img src='file:///etc/passwd'>",
    "&lt;i&gt; 5 < 6 && 7 > 2 <unk> <inaudible>",
    "ESC \x1b[31m RLO \u202egnp.exe",
    "مرحبا, a reply in Arabic",
    "one\ntwo\tthree",
    "https://example.org [link](http://x) file://host/share",
    "x" * 3_000,
)
SHOWN = (
    HOSTILE[0],
    HOSTILE[1],
    "ESC ␛[31m RLO ⟨RLO⟩gnp.exe",
    "\u2068مرحبا, a reply in Arabic\u2069",
    HOSTILE[4],
    HOSTILE[5],
    HOSTILE[6],
)


def told(subject: str, number: int, **fields: object) -> Sample:
    """A sample without a recording, unless ``fields`` names one."""
    facts = {
        "session_id": f"sess_{number:04}",
        "subject": subject,
        "character_slug": "support-bot",
        "duration_ms": 60_000,
        "recording_status": None,
        "finalized": True,
        "metadata": {"subject": subject},
        "turns": [],
    }
    return Sample(facts | fields, datetime.now(UTC))


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    """The shipped sample and the ones that only these tests need."""
    hostile = [{"role": "user", "text": text, "turn_index": at, "ts": float(at)} for at, text in enumerate(HOSTILE)]
    samples = (
        told("<u>Hostile</u> &amp; \u202ebad", 1, raw_transcript=hostile, duration_ms=10_000),
        told("Nothing was said", 2),
        told("Very many turns", 3, generated_turns=10_000, duration_ms=3_600_000),
        *(sample for sample in load_samples() if sample.subject == SAMPLE),
    )
    with DemoServer(samples=samples) as server:
        yield server


@pytest.fixture
def empty(loop: Loop, qapp: QApplication, home: Home) -> Iterator[Room]:
    """A window without a connection."""
    room = loop.run(furnish(home, None, qapp))
    try:
        yield room
    finally:
        loop.run(room.close())
        room.shell.deleteLater()
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert room.bugs == []


@pytest.fixture(autouse=True)
def keys_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_PLAYER_KEYCHAIN", "memory")


def said(room: Room) -> str:
    """The words of all labels that are seen."""
    return "\n".join(label.text() for label in room.shell.findChildren(QLabel) if label.isVisible())


def on_top(panel: QWidget, *, at: QWidget) -> QWidget | None:
    """The direct part of ``panel`` that is seen where the middle of ``at`` lies."""
    seen = panel.childAt(at.mapTo(panel, at.rect().center()))
    while seen is not None and seen.parentWidget() is not panel:
        seen = seen.parentWidget()
    return seen


async def test_words_cover_a_list_only_while_it_is_empty(room: Room) -> None:
    marks, transcript = room.panels.annotations, room.panels.transcript
    assert on_top(marks, at=marks.list) is marks.placeholder
    assert on_top(transcript, at=transcript.view) is transcript.placeholder
    await room.open(SAMPLE)
    assert on_top(marks, at=marks.list) is marks.placeholder
    assert on_top(transcript, at=transcript.view) is transcript.view
    one = await room.app.review.annotate(start_ms=1, tag="x")
    assert on_top(marks, at=marks.list) is marks.list
    await room.app.review.delete(one.annotation_id)
    assert on_top(marks, at=marks.list) is marks.placeholder


async def test_without_a_connection_the_next_step_is_to_make_one(empty: Room) -> None:
    await empty.until(lambda: "No connection yet" in said(empty))
    empty.panels.sessions.add_connection.click()
    await empty.until(lambda: isinstance(QApplication.activeModalWidget(), ConnectionDialog))
    QApplication.activeModalWidget().close()  # type: ignore[union-attr]


async def connect(room: Room, demo: DemoServer, key: str, name: str = "mine") -> ConnectionDialog:
    """Fill in the dialog and press its button."""
    room.desk.new_connection()
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), ConnectionDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ConnectionDialog)
    dialog.provider.setCurrentIndex(dialog.provider.findData("oshara"))
    dialog.name.setText(name)
    dialog.base_url.setText(demo.connections[0].base_url)
    dialog.key.setText(key)
    dialog.accept_button.click()
    return dialog


async def test_a_right_key_connects_and_the_sessions_come(empty: Room, demo: DemoServer) -> None:
    await connect(empty, demo, demo.connections[0].key)
    await empty.until(lambda: empty.panels.sessions.list.sessions.rowCount() == 4)
    assert [connection.name for connection in await empty.app.connections.all()] == ["mine"]
    assert QApplication.activeModalWidget() is None


async def test_a_wrong_key_is_said_in_the_dialog_and_nothing_is_kept(empty: Room, demo: DemoServer) -> None:
    dialog = await connect(empty, demo, "sk_wrong")
    await empty.until(dialog.trouble.isVisible)
    assert "key" in dialog.trouble.text()
    assert dialog.accept_button.isEnabled()
    assert await empty.app.connections.all() == ()
    assert dialog.key.echoMode() == dialog.key.EchoMode.Password
    dialog.close()


async def test_a_connection_without_a_name_is_not_tried(empty: Room, demo: DemoServer) -> None:
    dialog = await connect(empty, demo, "sk_any", name=" ")
    await empty.until(dialog.trouble.isVisible)
    assert demo.log == ()
    dialog.close()


async def test_hostile_words_stand_as_they_are(room: Room) -> None:
    await room.open("<u>Hostile</u> &amp; ⟨RLO⟩bad", loaded=True)
    view = room.panels.transcript.view
    items = [read.name for read in accessible.walk(view) if read.role.name == "ListItem"]
    assert [item.split(" ", 2)[2] for item in items] == list(SHOWN)
    for label in room.shell.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText, label.text()


async def test_a_session_without_turns_says_so(room: Room) -> None:
    await room.open("Nothing was said")
    assert "No transcript" in said(room)
    assert "no recording" in said(room).lower()
    assert "can still be reviewed" not in said(room)
    assert not room.panels.player.transport.play.isEnabled()


async def test_a_search_that_finds_nothing_can_be_taken_back(room: Room) -> None:
    await room.type("zzzz", room.panels.sessions.search)
    await room.until(lambda: "Nothing fits" in said(room))
    room.panels.sessions._show_all()
    await room.until(room.panels.sessions.placeholder.isHidden)


async def test_a_session_that_cannot_be_opened_says_why_and_what_to_do(room: Room, demo: DemoServer) -> None:
    demo.api_faults.status = 404
    await room.open(SAMPLE, loaded=False)
    await room.until(lambda: not room.tasks.running("open-session"))
    assert "Try again" in [read.name for read in accessible.walk(room.panels.transcript)]
    assert room.panels.transcript.placeholder.text()
    demo.api_faults.status = None
    await room.open(SAMPLE)
    assert room.panels.transcript.placeholder.isHidden()


async def test_offline_what_is_kept_is_listed_and_it_is_said(room: Room, demo: DemoServer) -> None:
    demo.stop()
    room.panels.sessions.refresh()
    await room.until(lambda: "Offline" in said(room), timeout=60)
    assert room.panels.sessions.list.sessions.rowCount() == 4


async def test_ten_thousand_turns_open_without_a_stall(room: Room) -> None:
    async with StallWatch() as watch:
        await room.open("Very many turns")
        await room.until(lambda: room.panels.transcript.view.turns.rowCount() == 10_000)
        room.panels.transcript.view.grab()
        room.app.playback.seek(1_800_000)
        await room.until(lambda: room.panels.transcript.view.turns.active)
        room.panels.transcript.view.grab()
    # a frame takes 16 ms, a list that lays out everything 1,000; 100 ms is the promise, the machine has other work
    assert watch.longest < 0.4
    view = room.panels.transcript.view
    active = view.visualRect(view.turns.index(view.turns.active[0], 0))
    assert view.viewport().rect().contains(active.center())


async def test_following_pauses_while_one_reads_elsewhere_and_comes_back(room: Room) -> None:
    await room.open("Very many turns")
    panel = room.panels.transcript
    room.app.playback.seek(1_800_000)
    await room.until(lambda: panel.view.turns.active)
    panel.view.scrolled_by_hand.emit()
    panel.view.verticalScrollBar().setValue(0)
    room.app.playback.seek(1_900_000)
    assert panel.view.verticalScrollBar().value() == 0
    assert not panel.follow.isChecked()
    await room.press(Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert panel.view.verticalScrollBar().value() > 0
    assert panel.follow.isChecked()


async def test_an_export_is_written_and_a_folder_that_is_none_is_refused(room: Room, home: Home) -> None:
    await room.open(SAMPLE)
    await room.app.review.annotate(start_ms=1_000, tag="compliance")
    room.panels.annotations.export.click()
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), ExportDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ExportDialog)
    named = [dialog.format.itemData(at).name for at in range(dialog.format.count())]
    dialog.format.setCurrentIndex(named.index("csv"))
    dialog.path.setText(str(home.folder / "absent" / "review.csv"))
    dialog.accept_button.click()
    await room.until(dialog.trouble.isVisible)
    target = home.folder / "review.csv"
    dialog.path.setText(str(target))
    dialog.accept_button.click()
    await room.until(lambda: QApplication.activeModalWidget() is None)
    assert "compliance" in target.read_text("utf-8-sig")
    assert "review.csv is written" in room.panels.messages.text()


async def test_a_full_disk_is_said_and_nothing_is_called_saved(room: Room) -> None:
    await room.open(SAMPLE)
    saved = room.panels.status.saved
    await room.app._database.write(lambda transaction: transaction.exec_driver_sql("PRAGMA max_page_count = 1").close())
    await room.press(Qt.Key.Key_M, on=room.panels.transcript.view)
    editor = room.panels.annotations.editor
    await room.until(editor.text.hasFocus)
    await room.type("compliance", editor.tag)
    editor.text.setPlainText("long " * 15_000)
    await room.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await room.until(room.panels.annotations.trouble.isVisible)
    assert room.panels.annotations.trouble.text().startswith("Not saved.")
    assert "full" in room.panels.annotations.trouble.text()
    assert saved.accessibleDescription() == ""
    assert editor.draft().tag == "compliance"
    assert room.app.review.annotations == ()
    free = "PRAGMA max_page_count = 1000000"
    await room.app._database.write(lambda transaction: transaction.exec_driver_sql(free).close())
    await room.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, on=editor.text)
    await room.until(lambda: saved.accessibleDescription().startswith("Saved "))
    await room.until(editor.isHidden)


async def test_a_name_is_asked_for_without_getting_in_the_way(room: Room) -> None:
    await room.open(SAMPLE)
    signer = room.panels.annotations.signer
    assert room.app.trail.actor.login in signer.text()
    signer.click()
    await room.until(lambda: isinstance(QApplication.activeModalWidget(), NameDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, NameDialog)
    dialog.name.setText("Ada <b>L</b>")
    dialog.accept_button.click()
    await room.until(signer.isHidden)
    one = await room.app.review.annotate(start_ms=0, tag="x")
    assert one.author == "Ada <b>L</b>"
    await room.until(lambda: not room.tasks.running("save-settings"))
    assert read_settings(room.app.home).display_name == "Ada <b>L</b>"


async def test_keys_go_from_session_to_session(room: Room) -> None:
    await room.open(SAMPLE)
    control = Qt.KeyboardModifier.ControlModifier
    await room.press(Qt.Key.Key_PageDown if at_top(room) else Qt.Key.Key_PageUp, control)
    await room.until(lambda: room.panels.player.title.text() not in (SAMPLE, "No session open"))


def at_top(room: Room) -> bool:
    return room.panels.sessions.list.currentIndex().row() == 0


async def test_the_list_keeps_its_place_when_it_is_made_anew(room: Room) -> None:
    await room.open(SAMPLE)
    row = room.panels.sessions.list.currentIndex().row()
    room.panels.sessions.refresh()
    await room.until(lambda: not room.tasks.running("sessions-refresh") and not room.tasks.running("sessions-list"))
    assert room.panels.sessions.list.currentIndex().row() == row


async def test_dark_and_light_are_whole(room: Room) -> None:
    await room.open(SAMPLE)
    for scheme in ("dark", "light"):
        room.desk.preferences.set_theme(scheme)  # type: ignore[arg-type]
        await room.until(lambda: not room.tasks.running("save-settings"))
        ground = room.shell.grab().toImage().pixelColor(room.panels.transcript.mapTo(room.shell, QPoint(40, 300)))
        assert (ground.lightness() < 128) == (scheme == "dark")
