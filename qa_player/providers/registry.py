"""Which providers there are: built-ins and third parties alike are entry points of ``qa_player.providers``.

Besides them a folder may hold descriptions, which are data: no code is ever loaded from it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from qa_player.errors import QaPlayerError
from qa_player.providers.base import ProviderKind

GROUP = "qa_player.providers"
MOST_DESCRIPTIONS = 200
_OURS = "qa_player."

_logger = logging.getLogger(__name__)


def kinds(folder: Path | None = None) -> Mapping[str, ProviderKind]:
    """Every provider that can be used, by name: built-ins, then third parties, then the descriptions in ``folder``."""
    if folder is None or not folder.is_dir():
        return _installed()
    found, broken = described(folder, _installed())
    for name, reason in broken.items():
        _logger.warning("the description %r cannot be used: %s", name, reason)
    return found


def described(folder: Path, taken: Mapping[str, ProviderKind]) -> tuple[dict[str, ProviderKind], dict[str, str]]:
    """``taken`` and what the descriptions in ``folder`` add to it, and for each that is broken the reason."""
    from qa_player.providers.described.kind import kind_of_file

    found, broken = dict(taken), {}
    for file in sorted(folder.glob("*.toml"))[:MOST_DESCRIPTIONS]:
        try:
            kind = kind_of_file(file)
        except QaPlayerError as refused:
            broken[file.name] = refused.message
            continue
        if kind.name in found:
            broken[file.name] = "another provider has that name"
        else:
            found[kind.name] = kind
    return found, broken


@cache
def _installed() -> Mapping[str, ProviderKind]:
    found, broken = load(entry_points(group=GROUP))
    for name, reason in broken.items():
        _logger.warning("the provider %r cannot be used: %s", name, reason)
    return found


def load(points: Iterable[EntryPoint]) -> tuple[dict[str, ProviderKind], dict[str, str]]:
    """The kinds that load, and for each that does not the reason: one that is broken hides no other.

    A third party cannot take the name of a built-in.
    """
    found: dict[str, ProviderKind] = {}
    broken: dict[str, str] = {}
    for point in sorted(points, key=lambda point: (not point.value.startswith(_OURS), point.name, point.value)):
        try:
            kind = point.load()
        except (Exception, SystemExit) as failure:
            broken[point.name] = f"it fails to load ({type(failure).__name__})"
            continue
        if not isinstance(kind, ProviderKind) or kind.name != point.name:
            broken[point.name] = "its entry point is not a ProviderKind of that name"
        elif point.name in found:
            broken[point.name] = "another provider has that name"
        else:
            found[point.name] = kind
    return found, broken
