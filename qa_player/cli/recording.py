"""`qa-player fetch` and `peaks`: recordings into the cache, and their waveform data out of a file."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.progress import shown_progress
from qa_player.cli.running import (
    ConnectionArgument,
    HomeOption,
    JsonOption,
    SessionArgument,
    carry_out,
    clock,
    milliseconds,
    print_json,
    text_argument,
    with_app,
)
from qa_player.errors import UsageError
from qa_player.model.annotation import Span

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.model.recording import MediaFacts, RecordingPart


def fetch(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help="Also write it to this file; several parts into this folder.")
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", help="Why; goes into the audit trail.", callback=text_argument)
    ] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a recording into the cache, verified, and if asked into a file."""

    async def work(app: App) -> None:
        with shown_progress("Fetching") as progress:
            fetched = await app.recordings.fetch(connection, session_id, out=out, reason=reason, progress=progress)
        if as_json:
            print_json(_fetched(fetched))
            return
        for number, (_, facts) in enumerate(fetched, start=1):
            words = f"{facts.container}/{facts.codec}, {clock(facts.duration_ms)}, {facts.bytes:,} bytes"
            print(words if len(fetched) == 1 else f"part {number}: {words}")
            print(f"sha256 {facts.sha256}")

    with_app(work, home=home, as_json=as_json)


def clip(
    connection: ConnectionArgument,
    session_id: SessionArgument,
    start: Annotated[float, typer.Option("--start", help="Seconds from the start of the recording.")],
    end: Annotated[float, typer.Option("--end", help="Where it ends, in seconds.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write, ending in .wav.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a piece of audio, exact to the sample."""

    async def work(app: App) -> None:
        start_ms, end_ms = milliseconds(start, "--start"), milliseconds(end, "--end")
        if end_ms <= start_ms:
            raise UsageError("The clip ends before it starts.", "Give an --end after --start.")
        made = await app.clipping.clip(connection, session_id, Span(start_ms=start_ms, end_ms=end_ms), out)
        if as_json:
            print_json({"path": str(made.path), "sha256": made.sha256, "bytes": made.bytes})
        else:
            print(f"Wrote {made.bytes:,} bytes, sha256 {made.sha256}.")

    with_app(work, home=home, as_json=as_json)


def peaks(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recording on this disk.")],
    out: Annotated[Path | None, typer.Option("--out", help="F.json or F.dat; else JSON on standard output.")] = None,
    pixels_per_second: Annotated[
        int | None, typer.Option("--pixels-per-second", min=1, max=100_000, help="How fine.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write waveform data in audiowaveform's version 2 format."""
    del home  # every command takes it; this one keeps nothing

    async def work() -> None:
        if out is not None and out.suffix not in (".json", ".dat"):
            raise UsageError("Waveform data ends in .json or .dat.", "Name the file F.json or F.dat.")
        from qa_player.files import place_to_write, write_whole
        from qa_player.media.peaks import audiowaveform

        if out is not None:
            await asyncio.to_thread(place_to_write, out)
        row = await asyncio.to_thread(audiowaveform.waveform_of, file, pixels_per_second=pixels_per_second)
        if out is None:
            sys.stdout.write(audiowaveform.to_json(row).decode() + "\n")
            return
        data = audiowaveform.to_dat(row) if out.suffix == ".dat" else audiowaveform.to_json(row)
        await asyncio.to_thread(write_whole, out, data)
        if as_json:
            print_json({"path": str(out), "bytes": len(data)} | audiowaveform.head(row))

    carry_out(work(), as_json=as_json)


def _fetched(fetched: list[tuple[RecordingPart, MediaFacts]]) -> dict[str, object]:
    """The facts of a recording and of its parts. Of several parts, the whole has what they agree on."""
    parts = [facts.model_dump(mode="json") for _, facts in fetched]
    agreed = {name: value for name, value in parts[0].items() if all(part[name] == value for part in parts)}
    whole = {name: agreed.get(name) for name in parts[0]}
    if len(parts) > 1:
        whole |= {
            "sha256": None,
            "bytes": sum(facts.bytes for _, facts in fetched),
            "duration_ms": max((part.start_ms or 0) + facts.duration_ms for part, facts in fetched),
        }
    numbered = [facts | {"sequence": part.sequence} for facts, (part, _) in zip(parts, fetched, strict=True)]
    return whole | {"parts": numbered}
