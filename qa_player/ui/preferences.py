"""What a person prefers: asked for in dialogs, in force at once, kept for the next start."""

from __future__ import annotations

import asyncio

from PySide6.QtWidgets import QApplication, QMainWindow

from qa_player.app import App
from qa_player.model.actor import Actor
from qa_player.settings import Layout, Settings, write_settings
from qa_player.signal import Signal
from qa_player.ui import theme
from qa_player.ui.audio_output import AudioOutput
from qa_player.ui.dialogs.name import NameDialog
from qa_player.ui.dialogs.settings import SettingsDialog
from qa_player.ui.panels.annotations import AnnotationsPanel
from qa_player.ui.tagging import Tagging
from qa_player.ui.tasks import Tasks


class Preferences:
    """Joins the settings of one home to its window. ``changed`` once others are in force."""

    def __init__(
        self,
        window: QMainWindow,
        app: App,
        tasks: Tasks,
        *,
        sound: AudioOutput | None,
        annotations: AnnotationsPanel,
        tagging: Tagging,
    ) -> None:
        self.changed: Signal[()] = Signal()
        self._window, self._app, self._tasks = window, app, tasks
        self._sound, self._annotations, self._tagging = sound, annotations, tagging

    def edit_settings(self) -> None:
        """Looks, name, tags, speed, sound, proxy."""
        devices = () if self._sound is None else self._sound.devices()
        dialog = SettingsDialog(self._app.settings, self._window, devices=devices, tag_sets=self._tagging.known)
        dialog.changed.connect(self.change)
        dialog.open()

    def ask_name(self) -> None:
        """The name that stands under what is marked."""
        dialog = NameDialog(self._app.trail.actor.shown, self._window)
        dialog.named.connect(lambda name: self.keep(display_name=name))
        dialog.open()

    def keep_layout(self, layout: Layout) -> None:
        """The layout that the window has from now on."""
        self.keep(layout=layout)

    def set_theme(self, scheme: theme.Scheme) -> None:
        """Light, dark, or like the desktop."""
        self.keep(theme=scheme)

    def keep(self, **changes: object) -> None:
        """Change some settings and leave the others."""
        self.change(self._app.settings.model_copy(update=changes))

    def change(self, settings: Settings) -> None:
        """Let ``settings`` be in force now and at the next start."""
        if settings.speed != self._app.settings.speed:
            self._app.playback.set_speed(settings.speed)
        self._app.playback.set_latency(settings.output_latency_ms)
        if self._sound is not None:
            self._sound.choose(settings.output_device)
        self._app.settings = settings
        self._tagging.choose(settings.tag_set)
        self._app.trail.actor = Actor(login=self._app.trail.actor.login, display_name=settings.display_name)
        self._annotations.signer.show_actor(self._app.trail.actor)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, settings.theme)
        self.changed.emit()
        self._tasks.then("save-settings", asyncio.to_thread(write_settings, self._app.home, settings))
