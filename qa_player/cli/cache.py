"""`qa-player cache`: whether the recordings on this computer are still what was fetched."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import typer

from qa_player.cli.progress import shown_progress
from qa_player.cli.running import HomeOption, JsonOption, plain, print_json, with_app
from qa_player.errors import IntegrityError

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.model.cache import CacheRecord

commands = typer.Typer(help="Check the recordings on this computer.")


@commands.callback()
def cache() -> None:
    """A group, though it has one command."""


@commands.command()
def verify(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Read every recording again that was fetched whole, and compare it with its digest."""

    async def work(app: App) -> None:
        began = time.monotonic()
        with shown_progress("Reading", lines=not as_json) as progress:
            found = await app.kept.verify(progress)
        if as_json:
            print_json(
                {
                    "recordings": len(found.whole) + len(found.damaged),
                    "bytes": found.bytes,
                    "damaged": [_named(record) for record in found.damaged],
                }
            )
        else:
            seconds = max(time.monotonic() - began, 0.001)
            print(f"{len(found.whole)} recordings are what was fetched ({found.bytes / seconds / 1e6:,.0f} MB/s).")
            for record in found.damaged:
                print(f"DAMAGED  {plain(record.connection)}  {plain(record.session_id)}  {plain(record.part_id)}")
        if found.damaged:
            raise IntegrityError(
                f"{len(found.damaged)} of the recordings on this computer are not what was fetched.",
                "Fetch them again while the provider still has them.",
            )

    with_app(work, home=home, as_json=as_json)


def _named(record: CacheRecord) -> dict[str, Any]:
    return {"connection": record.connection, "session_id": record.session_id, "part_id": record.part_id}
