"""Providers whose base address is a file that says the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qa_player.errors import UsageError

if TYPE_CHECKING:
    from qa_player.providers.base import ProviderKind


def resolved(kind: ProviderKind, base_url: str | None) -> tuple[ProviderKind, str | None]:
    """The kind and the base address; where that is a file which says the rest, what it says. Raises UsageError."""
    if kind.resolve is None:
        return kind, base_url
    if not base_url:
        raise UsageError(f"{kind.title}: the description is missing.", "Name its file with --base-url.")
    file = str(Path(base_url).expanduser().absolute())
    return replace(kind.resolve(file), name=kind.name, base_url=""), file
