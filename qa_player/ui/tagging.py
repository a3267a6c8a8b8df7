"""The tag set in force: what the digits mean, what is offered, and which colours tags have."""

from __future__ import annotations

from qa_player.model.tag_set import TagSet
from qa_player.services.tag_sets import TagSets
from qa_player.ui.actions import Actions
from qa_player.ui.panels.annotations import AnnotationsPanel
from qa_player.ui.panels.player import PlayerPanel
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.text import caption

READ = "tag-sets"


class Tagging:
    """Tells panels and menus of the set that a person chose. ``known`` are the sets there are."""

    def __init__(
        self, tag_sets: TagSets, *, tasks: Tasks, player: PlayerPanel, annotations: AnnotationsPanel, set_id: str
    ) -> None:
        self.known: tuple[TagSet, ...] = ()
        self._tag_sets, self._tasks, self._set_id = tag_sets, tasks, set_id
        self._player, self._annotations = player, annotations
        self._actions: Actions | None = None
        annotations.digits_changed.connect(self._name_keys)
        self.read()

    def read(self) -> None:
        """Read the sets again, as after another process added one."""
        self._tasks.start(READ, self._read())

    def choose(self, set_id: str) -> None:
        """Let another set be in force."""
        if set_id != self._set_id:
            self._set_id = set_id
            self.read()

    def name_keys(self, actions: Actions) -> None:
        """From now on the menu says which tag each digit applies."""
        self._actions = actions
        self._name_keys()

    async def _read(self) -> None:
        known, in_force = await self._tag_sets.all(), await self._tag_sets.in_force(self._set_id)
        self.known = known
        self._player.show_tag_set(in_force)
        self._annotations.show_tag_set(in_force)

    def _name_keys(self) -> None:
        if self._actions is None:
            return
        for digit in range(1, 10):
            tag = self._annotations.digits.get(digit)
            words = f"Apply tag {digit}" if tag is None else f"Apply tag {digit}: {caption(tag)}"
            self._actions[f"tag.{digit}"].setText(words)
