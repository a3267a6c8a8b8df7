"""The panels of one window, together."""

from __future__ import annotations

from dataclasses import dataclass

from qa_player.ui.panels.annotations import AnnotationsPanel
from qa_player.ui.panels.details import DetailsPanel
from qa_player.ui.panels.live_call import LiveCallPanel
from qa_player.ui.panels.note import NotePanel
from qa_player.ui.panels.player import PlayerPanel
from qa_player.ui.panels.scorecard import ScorecardPanel
from qa_player.ui.panels.sessions import SessionsPanel
from qa_player.ui.panels.status import StatusBar
from qa_player.ui.panels.trail import TrailPanel
from qa_player.ui.panels.transcript import TranscriptPanel
from qa_player.ui.widgets.message_bar import MessageBar


@dataclass(frozen=True)
class Panels:
    """What stands on the desk."""

    sessions: SessionsPanel
    player: PlayerPanel
    transcript: TranscriptPanel
    annotations: AnnotationsPanel
    details: DetailsPanel
    note: NotePanel
    scorecard: ScorecardPanel
    live: LiveCallPanel
    trail: TrailPanel
    messages: MessageBar
    status: StatusBar
