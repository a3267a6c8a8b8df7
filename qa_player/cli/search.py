"""`qa-player search`: what was said or written in any session that is kept here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from qa_player.cli.running import HomeOption, JsonOption, clock, moment, plain, print_json, text_argument, with_app
from qa_player.errors import UsageError
from qa_player.formats.session_object import instant_text
from qa_player.model.search import MOST_HITS, Hit, Sought
from qa_player.model.transcript import Role

if TYPE_CHECKING:
    from qa_player.app import App


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help='Words, or "words in quotes".', callback=text_argument)],
    connection: Annotated[
        str | None, typer.Option("--connection", help="Only in this connection.", callback=text_argument)
    ] = None,
    speaker: Annotated[Role | None, typer.Option("--speaker", help="Only what this side said.")] = None,
    tag: Annotated[
        str | None, typer.Option("--tag", help="Only annotations so tagged.", callback=text_argument)
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only sessions since this date.")] = None,
    below: Annotated[
        float | None, typer.Option("--score-below", help="Only sessions scored below so many percent.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", help=f"At most so many, {MOST_HITS} at the most.")] = 200,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search transcripts and annotations of all sessions, the newest first, each hit with its moment."""

    async def work(app: App) -> None:
        found = await app.searching.find(_sought(text, connection, speaker, tag, since, below, limit))
        if not found:
            await app.knowing.need_connection(connection)
        if as_json:
            print_json([_told(hit) for hit in found])
            return
        for hit in found:
            day = "-" if hit.started_at is None else hit.started_at.date().isoformat()
            who = hit.tag or (hit.role.value if hit.role is not None else "")
            print(
                f"{day}  {plain(hit.connection, 40)} {plain(hit.session_id, 60)}  {clock(hit.start_ms)}  "
                f"{plain(who, 40)}: {plain(hit.excerpt, 200)}"
            )
        if not found:
            print("Nothing is found in the sessions that are kept here.", file=sys.stderr)

    with_app(work, home=home, as_json=as_json)


def _sought(
    text: str,
    connection: str | None,
    speaker: Role | None,
    tag: str | None,
    since: str | None,
    below: float | None,
    limit: int,
) -> Sought:
    if not 1 <= limit <= MOST_HITS or (below is not None and not 0 <= below <= 100) or len(text) > 2_000:
        raise UsageError(
            "The limit, the score or the text is out of bounds.",
            f"Give a limit of 1 to {MOST_HITS}, a score of 0 to 100, and at most 2,000 characters.",
        )
    return Sought(
        text=text,
        connection=connection,
        role=speaker,
        tag=tag,
        since=moment(since, "--since"),
        below=None if below is None else round(below * 100),
        limit=limit,
    )


def _told(hit: Hit) -> dict[str, object]:
    at = "" if hit.start_ms is None else f"?t={hit.start_ms / 1_000:g}"
    return {
        "connection": hit.connection,
        "session_id": hit.session_id,
        "title": hit.title,
        "started_at": instant_text(hit.started_at),
        "kind": hit.kind.value,
        "turn_index": hit.turn_index,
        "role": None if hit.role is None else hit.role.value,
        "tag": hit.tag,
        "start_ms": hit.start_ms,
        "excerpt": hit.excerpt,
        "link": f"qa-player://{quote(hit.connection, safe='')}/{quote(hit.session_id, safe='')}{at}",
    }
