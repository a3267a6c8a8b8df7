"""Forms and tag sets as files: what there is, taken in whole or not at all, written, and which set is in force."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from qa_player.errors import FaultyFileError, QaPlayerError, UsageError
from qa_player.files import place_to_write, write_whole
from qa_player.formats.evaluation_form import MOST_BYTES, form_file
from qa_player.formats.form_words import form_lines, tag_set_lines
from qa_player.formats.tag_set_file import read_tag_set, tag_set_file
from qa_player.model.form import Form
from qa_player.model.tag_set import TagSet
from qa_player.services.forms import Forms
from qa_player.services.tag_sets import USUAL, TagSets
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.shelf import Shelf
from qa_player.ui.widgets.sure import SureDialog
from qa_player.ui.widgets.text import Label, isolated, one_line
from qa_player.ui.widgets.times import counted

_SAVE = "save-forms-and-tags"
_REPLACES = "Annotations keep their tags as they are. Write the present one to a file first if it may be wanted again."


class FormsAndTagsDialog(QDialog):
    """``forms_changed`` and ``tag_sets_changed`` after a file was taken in; ``use_wanted(set id)`` for the set that is
    to be in force. ``in_force`` is the set that the settings name."""

    forms_changed = Signal()
    tag_sets_changed = Signal()
    use_wanted = Signal(str)

    def __init__(self, forms: Forms, tag_sets: TagSets, tasks: Tasks, *, in_force: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Forms and tags")
        self.resize(760, 520)
        self._services = forms, tag_sets
        self._tasks, self._wanted, self._in_force = tasks, in_force, in_force
        self._forms: tuple[Form, ...] = ()
        self._sets: tuple[TagSet, ...] = ()
        self.forms, self.tags = Shelf("Forms and their versions"), Shelf("Tag sets")
        self.use = self.tags.add_button("Use this set")
        self.tabs = QTabWidget()
        self.tabs.addTab(self.forms, "Forms")
        self.tabs.addTab(self.tags, "Tag sets")
        self.told = Label(wrap=True)
        self.told.setAccessibleName("What came of it")
        self.faults = QPlainTextEdit()
        self.faults.setReadOnly(True)
        self.faults.setTabChangesFocus(True)
        self.faults.setAccessibleName("Faults of the file")
        self.faults.setMaximumHeight(110)
        self._lay_out()
        self.closing.setDefault(True)
        self._connect()
        self._quiet()
        self._start(self._read())

    def _lay_out(self) -> None:
        self.tabs.setDocumentMode(True)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        self.closing = close.button(QDialogButtonBox.StandardButton.Close)
        self.closing.setIcon(QIcon())
        foot = QHBoxLayout()
        foot.addWidget(self.told, 1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.faults)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.forms.chosen.connect(lambda row: self.forms.show_about(form_lines(self._forms[row]) if row >= 0 else ()))
        self.tags.chosen.connect(self._show_set)
        self.use.clicked.connect(self._use)
        # behind what is still being taken in: it tells of itself here
        self.finished.connect(lambda _: self._tasks.then(_SAVE, self._let_go()))
        self.tabs.currentChanged.connect(lambda _: self._quiet())
        self.forms.take_in.clicked.connect(lambda: self._choose("Which form", self.take_in_form))
        self.tags.take_in.clicked.connect(lambda: self._choose("Which tag set", self.take_in_tag_set))
        self.forms.write.clicked.connect(self._write_form)
        self.tags.write.clicked.connect(self._write_set)

    # what there is

    async def _read(self, *, form: Form | None = None, tag_set: TagSet | None = None) -> None:
        """Everything, the cursor on what is named; else where it was."""
        forms, tag_sets = self._services
        form = form or (self._forms[self.forms.list.currentRow()] if self._forms else None)
        tag_set = tag_set or (self._sets[self.tags.list.currentRow()] if self._sets else None)
        self._forms, self._sets = await forms.all(), await tag_sets.all()
        self._in_force = (await tag_sets.in_force(self._wanted)).set_id
        keys = [(one.form_id, one.version) for one in self._forms]
        ids = [one.set_id for one in self._sets]
        at = keys.index((form.form_id, form.version)) if form is not None else 0
        self.forms.show_items([f"{one.title}, version {one.version}" for one in self._forms], at)
        at_set = ids.index(self._in_force if tag_set is None else tag_set.set_id)
        self.tags.show_items([self._set_words(one) for one in self._sets], at_set)

    def _set_words(self, one: TagSet) -> str:
        mark = " · in force" if one.set_id == self._in_force else ""
        return f"{one.title} · {counted(len(one.tags), 'tag')}{mark}"

    def _show_set(self, row: int) -> None:
        chosen = self._sets[row] if row >= 0 else None
        self.tags.show_about(() if chosen is None else tag_set_lines(chosen))
        self.use.setEnabled(chosen is not None and chosen.set_id != self._in_force)

    def _use(self) -> None:
        chosen = self._sets[self.tags.list.currentRow()]
        self._wanted = chosen.set_id
        self.use_wanted.emit(chosen.set_id)
        self._say(f"“{isolated(one_line(chosen.title))}” is in force.")
        self.tags.list.setFocus()  # the button rests now
        self._start(self._read())

    # files in

    def _choose(self, words: str, take_in: Callable[[Path], object]) -> None:
        chooser = QFileDialog(self, words)
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setNameFilters(["JSON (*.json)", "Every file (*)"])
        chooser.fileSelected.connect(lambda path: take_in(Path(path)))
        chooser.open()

    def take_in_form(self, path: Path) -> None:
        """Take the form in; a file with any fault leaves everything as it is."""
        self._start(self._take_in_form(path))

    def take_in_tag_set(self, path: Path) -> None:
        """Take the set in, after asking where it takes the place of another."""
        self._start(self._take_in_tag_set(path))

    async def _take_in_form(self, path: Path) -> None:
        forms, _ = self._services
        added = await forms.add(await asyncio.to_thread(_bytes_of, path))
        await self._read(form=added)
        self._say(f"“{isolated(one_line(added.title))}”, version {added.version}, can be answered now.")
        self.forms_changed.emit()

    async def _take_in_tag_set(self, path: Path) -> None:
        data = await asyncio.to_thread(_bytes_of, path)
        found, _ = await asyncio.to_thread(read_tag_set, data)
        there = next((one for one in self._sets if found is not None and one.set_id == found.set_id), None)
        if there is None or there == found or there.set_id == USUAL:
            await self._add_tag_set(data)
            return
        question = f"Put it in the place of “{isolated(one_line(there.title))}”?"
        sure = SureDialog(question, _REPLACES, "Put it there", self)
        sure.agreed.connect(lambda: self._start(self._add_tag_set(data)))
        sure.open()

    async def _add_tag_set(self, data: bytes) -> None:
        _, tag_sets = self._services
        added = await tag_sets.add(data)
        await self._read(tag_set=added)
        self._say(f"“{isolated(one_line(added.title))}” can be used now.")
        self.tag_sets_changed.emit()

    # files out

    def _write_form(self) -> None:
        chosen = self._forms[self.forms.list.currentRow()]
        self._choose_place(f"{chosen.form_id}-v{chosen.version}.json", form_file(chosen))

    def _write_set(self) -> None:
        chosen = self._sets[self.tags.list.currentRow()]
        self._choose_place(f"{chosen.set_id}.json", tag_set_file(chosen))

    def _choose_place(self, name: str, data: bytes) -> None:
        chooser = QFileDialog(self, "Where to write it", str(Path.home() / name))
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setNameFilters(["JSON (*.json)"])
        chooser.setDefaultSuffix("json")
        chooser.fileSelected.connect(lambda path: self._start(self._write(Path(path), data)))
        chooser.open()

    async def _write(self, path: Path, data: bytes) -> None:
        await asyncio.to_thread(lambda: write_whole(place_to_write(path), data))
        self._say(f"{isolated(one_line(path.name))} is written.")

    # what came of it

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        self._quiet()
        self._tasks.then(_SAVE, work, trouble=self._refused)

    async def _let_go(self) -> None:
        self.deleteLater()

    def _quiet(self) -> None:
        self.faults.hide()
        self._say("")

    def _say(self, words: str, *, tone: str = "") -> None:
        self.told.show_text(words)
        self.told.setAccessibleDescription(words)
        self.told.setProperty("tone", tone)
        self.told.style().unpolish(self.told)
        self.told.style().polish(self.told)

    def _refused(self, error: QaPlayerError) -> None:
        if not isinstance(error, FaultyFileError):
            self._say(f"{error.message} {error.next_step}", tone="critical")
            return
        self.faults.setPlainText("\n".join(map(one_line, error.faults)))
        self.faults.show()
        words = (
            f"Nothing was taken in: the file has {counted(len(error.faults), 'fault')}. Mend it and take it in again."
        )
        self._say(words, tone="critical")


def _bytes_of(path: Path) -> bytes:
    """Of a file that is too long only as much as shows that. Raises UsageError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError:
        raise UsageError("The file cannot be read.", "Choose a file that exists and that you may read.") from None
