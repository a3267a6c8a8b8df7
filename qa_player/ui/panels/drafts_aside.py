"""Annotations that are being written side by side: one in the editor, the others wait until it is done with."""

from __future__ import annotations

from collections.abc import Sequence

from qa_player.ui.widgets.annotation_editor import AnnotationEditor, Draft, same_thing


class DraftsAside:
    """Each as it was before it was changed, and as it was written; what was put aside last comes back first."""

    def __init__(self, editor: AnnotationEditor) -> None:
        self._editor = editor
        self._drafts: list[tuple[Draft, Draft]] = []

    def unsaved(self) -> bool:
        """Whether something was written in the editor that is not kept."""
        return not self._editor.isHidden() and self._editor.touched()

    def writes_on(self, draft: Draft) -> bool:
        """Whether the editor has words about the same thing already."""
        return self.unsaved() and same_thing(self._editor.before, draft)

    def begin(self, draft: Draft, tags: Sequence[str]) -> None:
        """Open the editor on ``draft``, as it was being written if it was; what it held until now waits."""
        if self.unsaved():
            self.put(self._editor.before, self._editor.draft())
        written = self._take(draft)
        self._editor.begin(draft, tags)
        if written is not None:
            self._editor.write(written)

    def put(self, before: Draft, written: Draft) -> None:
        """Lay one aside, in place of what lay there about the same thing."""
        self._take(before)
        self._drafts.append((before, written))

    def last(self) -> Draft | None:
        """What comes back next, as it was before it was changed; null where nothing waits."""
        return self._drafts[-1][0] if self._drafts else None

    def kept(self, written: Draft) -> bool:
        """What was kept just as it lies here waits no more; whether it lay here."""
        found = [one for one in self._drafts if one[1] == written]
        self._drafts = [one for one in self._drafts if one[1] != written]
        return bool(found)

    def clear(self) -> None:
        """Another session is open; what lay here is kept elsewhere."""
        self._drafts.clear()

    def _take(self, about: Draft) -> Draft | None:
        found = next((one for one in self._drafts if same_thing(one[0], about)), None)
        if found is None:
            return None
        self._drafts.remove(found)
        return found[1]
