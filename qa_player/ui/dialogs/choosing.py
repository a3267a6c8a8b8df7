"""Asking for a file without waiting for the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def ask_where_to_write(
    parent: QWidget, title: str, name: str, chosen: Callable[[Path], object], *, kinds: Sequence[str] = ()
) -> None:
    """Ask for a place to write into, ``name`` proposed; ``kinds`` are filters as Qt writes them."""
    chooser = QFileDialog(parent, title, str(Path(name) if Path(name).is_absolute() else Path.home() / name))
    chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    if kinds:
        chooser.setNameFilters(list(kinds))
        chooser.filterSelected.connect(lambda kind: chooser.setDefaultSuffix(kind.rsplit(".", 1)[-1].rstrip(")")))
    chooser.setDefaultSuffix(Path(name).suffix.lstrip("."))
    chooser.fileSelected.connect(lambda path: chosen(Path(path)))
    chooser.open()


def ask_what_to_read(parent: QWidget, title: str, chosen: Callable[[Path], object]) -> None:
    """Ask for one file that is there."""
    chooser = QFileDialog(parent, title)
    chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
    chooser.fileSelected.connect(lambda path: chosen(Path(path)))
    chooser.open()


def ask_which_to_read(parent: QWidget, title: str, chosen: Callable[[list[Path]], object]) -> None:
    """Ask for any number of files that are there."""
    chooser = QFileDialog(parent, title)
    chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    chooser.setFileMode(QFileDialog.FileMode.ExistingFiles)
    chooser.filesSelected.connect(lambda paths: chosen([Path(path) for path in paths]))
    chooser.open()
