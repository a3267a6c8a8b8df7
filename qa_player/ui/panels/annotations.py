"""What was said of the open session: cards by their place, tags at hand, the editor where one writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from qa_player.errors import QaPlayerError
from qa_player.model.annotation import Annotation
from qa_player.model.annotation_filter import next_of
from qa_player.model.correction import CORRECTION_TAG, correction_of
from qa_player.model.tag_set import TagSet
from qa_player.model.transcript import Turn
from qa_player.services.playback import Playback
from qa_player.services.review import Review
from qa_player.ui.panels.annotation_keeping import AnnotationKeeping
from qa_player.ui.panels.annotation_words import tell_nothing_left, tell_nothing_marked, tell_nothing_open
from qa_player.ui.panels.drafts_aside import DraftsAside
from qa_player.ui.panels.signer import Signer
from qa_player.ui.panels.tag_keys import TagOffer
from qa_player.ui.tasks import Tasks
from qa_player.ui.theme import tokens_for
from qa_player.ui.widgets.annotation_editor import AnnotationEditor, Draft, draft_of
from qa_player.ui.widgets.annotation_filter_bar import AnnotationFilterBar
from qa_player.ui.widgets.annotation_list import AnnotationList
from qa_player.ui.widgets.chips import ChipRow
from qa_player.ui.widgets.placeholder import CoveredList, Placeholder
from qa_player.ui.widgets.tag_colours import TagColours
from qa_player.ui.widgets.text import Label


class AnnotationsPanel(QFrame):
    """``left`` when the keys go back, ``front_wanted`` before somebody writes, ``about_to_begin`` before the editor
    takes another draft, ``done_with`` one that was kept or thrown away, ``came_back`` when one that was put aside is in
    it again, ``digits_changed`` when 1 to 9 mean something else; the others ask for what is not the panel's to do.
    """

    left = Signal()
    front_wanted = Signal()
    about_to_begin = Signal()
    done_with = Signal(object)
    came_back = Signal()
    export_wanted = Signal()
    annotate_wanted = Signal()
    tag_wanted = Signal(str)
    name_wanted = Signal()
    digits_changed = Signal()
    about_to_change = Signal()
    """Somebody takes a step back or forth: what waits to be kept has to be kept before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self._review: Review | None = None
        self._playback: Playback | None = None
        self._keeping: AnnotationKeeping | None = None
        self.chips = ChipRow(switches=False)
        self._offer = TagOffer(self.chips)
        self.editor = AnnotationEditor()
        self.editor.hide()
        self._aside = DraftsAside(self.editor)
        self.trouble = Label(wrap=True)
        self.trouble.setProperty("tone", "critical")
        self.trouble.hide()
        self.filters = AnnotationFilterBar()
        self.filters.hide()
        self.list = AnnotationList()
        self.placeholder = Placeholder()
        self.export = QPushButton("Export…")
        self.export.setAccessibleName("Export")
        self.add = QPushButton("+ Add annotation")
        self.add.setAccessibleName("Add annotation")
        self.signer = Signer()
        self.signer.clicked.connect(self.name_wanted)
        self._lay_out()
        self._stack.show_words()
        self._allow(False)
        self.chips.pressed.connect(self.tag_wanted)
        self.export.clicked.connect(self.export_wanted)
        self.add.clicked.connect(self.annotate_wanted)
        self.editor.saved.connect(self._save)
        self.editor.cancelled.connect(self._close_editor)
        self.filters.changed.connect(self._show_annotations)
        self.filters.left.connect(self.left)
        self.list.annotation_chosen.connect(self.go_to)
        self.list.edit_wanted.connect(self.edit)
        self.list.delete_wanted.connect(self.delete)

    def _lay_out(self) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(10, 10, 10, 10)
        head.setSpacing(10)
        head.addWidget(self.chips)
        head.addWidget(self.editor)
        head.addWidget(self.trouble)
        head.addWidget(self.filters)
        self._stack = CoveredList(self.list, self.placeholder)
        foot = QVBoxLayout()
        foot.setContentsMargins(10, 4, 10, 8)
        foot.addWidget(self.signer)
        foot.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(self._stack, 1)
        column.addLayout(foot)

    def attach(self, review: Review, playback: Playback, tasks: Tasks) -> None:
        """Work with these services from now on."""
        self._review, self._playback = review, playback
        self._keeping = AnnotationKeeping(review, tasks, kept=self.list.select)
        review.annotations_changed.connect(self._show_annotations)
        playback.opened.connect(lambda _session: self._opened())
        playback.closed.connect(self._closed)

    @property
    def digits(self) -> dict[int, str]:
        """The tags of the digits: those of the set in force, then those used in this session."""
        return self._offer.digits

    def show_tag_set(self, tag_set: TagSet) -> None:
        """Offer the tags of this set, in its colours."""
        self._offer.tag_set = tag_set
        self.list.set_colours(TagColours(tag_set))
        self._show_tags()

    # writing

    def begin(self, draft: Draft, *, front: bool = True) -> None:
        """Open the editor on ``draft``; what is being written about something else comes back after it."""
        if self._playback is None or self._playback.session is None:
            return
        if front:
            self.front_wanted.emit()
        if self._aside.writes_on(draft):
            self.editor.take_focus()
            return
        self.about_to_begin.emit()
        for other in (self.trouble, self.chips, self.filters, self.placeholder):
            other.hide()
        self._aside.begin(draft, self._offer.tags)

    def bring_back(self, drafts: Sequence[tuple[Draft, Draft]]) -> None:
        """Open the editor on the last of what was being written, unless one writes; the keys stay where they are."""
        for before, written in drafts:
            self._aside.put(before, written)
        if self.editor.isHidden():
            self._next_back()

    def _next_back(self) -> None:
        back = self._aside.last()
        if back is not None:
            self.begin(back, front=False)
            self.came_back.emit()
        self.left.emit()

    def keep(self, draft: Draft) -> None:
        """Keep ``draft`` at once, without the editor."""
        if self._keeping is not None:
            self._keeping.keep(draft)

    def edit(self, annotation_id: str) -> None:
        """Open the editor on an annotation."""
        one = self._find(annotation_id)
        if one is not None:
            self.begin(draft_of(one))

    def correct(self, turn: Turn) -> None:
        """Write what was truly said in a turn, or change what was written of it."""
        there = None if self._review is None else correction_of(turn.index, self._review.annotations)
        if there is not None:
            self.edit(there.annotation_id)
        else:
            self.begin(Draft(turn_index=turn.index, tag=CORRECTION_TAG, text=turn.text, corrects=True))

    def place(self, annotation_id: str, start_ms: int, end_ms: int | None) -> None:
        """Let an annotation lie elsewhere."""
        one = self._find(annotation_id)
        if self._keeping is not None and one is not None and (one.start_ms, one.end_ms) != (start_ms, end_ms):
            moved = replace(draft_of(one), start_ms=start_ms, end_ms=end_ms)
            self._keeping.save(moved, done=self.trouble.hide, refused=self._not_placed)

    def delete(self, annotation_id: str) -> None:
        """Take an annotation away; undo brings it back."""
        if self._keeping is not None and annotation_id:
            self._keeping.delete(annotation_id)

    def unsaved(self) -> bool:
        """Whether something was written in the editor that is not kept."""
        return self._aside.unsaved()

    def _save(self, draft: Draft) -> None:
        if self._keeping is not None:
            self._keeping.save(draft, done=lambda: self._saved(draft), refused=self._not_saved)

    def _saved(self, draft: Draft) -> None:
        if not self.editor.isHidden() and self.editor.draft() == draft:
            self._close_editor()
        elif self._aside.kept(draft):
            self.done_with.emit(draft)

    def _not_saved(self, error: QaPlayerError) -> None:
        """What was written stays in the editor; nothing is called saved that is not."""
        self.trouble.show_text(f"Not saved. {error.message} {error.next_step}")
        self.trouble.show()

    def _not_placed(self, error: QaPlayerError) -> None:
        """It is shown where it still lies."""
        self._not_saved(error)
        for shown in ("", self.list.current_id()):
            self.list.current_changed.emit(shown)

    def _close_editor(self) -> None:
        self._put_away()
        self.done_with.emit(self.editor.before)
        self._next_back()

    def _put_away(self) -> None:
        """The editor makes room for the tags that are one press away."""
        self.editor.hide()
        self.trouble.hide()
        self.chips.show()
        self.placeholder.setVisible(not self.list.annotations.annotations)
        self._show_filters()

    # showing

    def go_to(self, annotation_id: str) -> None:
        """Put the playhead where an annotation begins."""
        one = self._find(annotation_id)
        if one is not None and one.start_ms is not None and self._playback is not None:
            self._playback.seek(one.start_ms)

    def step(self, by: int) -> None:
        """To the next of the annotations that are shown after the playhead, or the one before it."""
        if self._playback is None:
            return
        shown = self.list.annotations.annotations
        found = next_of(shown, self._playback.position_ms, by=by, current=self.list.current_id())
        if found is not None:
            self.list.select(found.annotation_id)
            self.go_to(found.annotation_id)

    def take_filter_focus(self) -> None:
        """Ready to say which annotations are to be shown."""
        self.filters.take_focus()

    def _find(self, annotation_id: str) -> Annotation | None:
        annotations = () if self._review is None else self._review.annotations
        return next((one for one in annotations if one.annotation_id == annotation_id), None)

    def _opened(self) -> None:
        self._put_away()
        self.filters.clear()
        self._allow(True)

    def _closed(self) -> None:
        self._put_away()
        self._allow(False)
        self.list.show_annotations(())
        self.filters.hide()
        self._stack.show_words()

    def _allow(self, marking: bool) -> None:
        """Whether there is a session to mark; what was being written of another one waits there."""
        self._aside.clear()
        for widget in (self.add, self.export, self.chips):
            widget.setEnabled(marking)
        (tell_nothing_marked if marking else tell_nothing_open)(self.placeholder)

    def _show_filters(self) -> None:
        """Where there is something to choose between, and nobody writes."""
        several = self._review is not None and len(self._review.annotations) > 1
        self.filters.setVisible(self.editor.isHidden() and (several or bool(self.filters.filter)))

    def _show_annotations(self) -> None:
        annotations = () if self._review is None else self._review.annotations
        self.filters.offer(annotations)
        self._show_filters()
        shown = self.filters.filter.of(annotations)
        self.filters.show_count(len(shown), len(annotations))
        self.list.show_annotations(shown)
        if shown:
            self._stack.show_rows()
        else:
            if annotations:
                tell_nothing_left(self.placeholder, self.filters.clear)
            else:
                tell_nothing_marked(self.placeholder)
            self._stack.show_words()
        self._show_tags()

    def _show_tags(self) -> None:
        annotations = () if self._review is None else self._review.annotations
        self._offer.show(annotations, tokens_for(self.palette()))
        self.digits_changed.emit()
