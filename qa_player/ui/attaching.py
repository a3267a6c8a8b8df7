"""Which services each panel works with: two or three of them, never the whole program."""

from __future__ import annotations

from collections.abc import Callable

from qa_player.app import App
from qa_player.ui.panels.furniture import Panels
from qa_player.ui.panels.unfinished_keeping import UnfinishedKeeping
from qa_player.ui.tasks import Tasks


def attach(panels: Panels, app: App, tasks: Tasks) -> Callable[[], None]:
    """Give every panel its services; each follows them from now on. Returns what keeps at once all that was typed."""
    panels.player.attach(app.playback)
    panels.player.parts.attach(app.playback, app.arranging, tasks)
    panels.transcript.attach(app.playback)
    panels.annotations.attach(app.review, app.playback, tasks)
    annotations = UnfinishedKeeping(
        panels.annotations,
        work=app.unfinished,
        playback=app.playback,
        review=app.review,
        tasks=tasks,
        told=panels.messages.done,
    )
    panels.status.attach(app.playback, app.review)
    panels.scorecard.attach(app.scoring, app.forms, app.playback, tasks, form=app.settings.scorecard_form)
    panels.note.attach(app.notes, app.verification, app.playback, tasks, work=app.unfinished)
    panels.trail.attach(app.audit, app.playback, tasks)
    panels.sessions.attach(app.library, app.connections, tasks)

    def settle() -> None:
        annotations.settle()
        panels.note.statements.writing.settle()
        panels.scorecard.form.settle()

    return settle
