"""`qa-player live`: the relay that receives calls in progress, and the carriers' streams that lead to it."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli import live_lines
from qa_player.cli.connection import options_of
from qa_player.cli.running import (
    ConnectionArgument,
    HomeOption,
    JsonOption,
    clock,
    plain,
    print_json,
    text_argument,
    with_app,
)
from qa_player.errors import UsageError
from qa_player.formats.session_object import instant_text

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.model.live import StreamInfo, StreamWish

RENEWED_BEFORE = timedelta(days=30)

commands = typer.Typer(help="Receive calls while they go on: the relay, and the streams that lead to it.")
commands.add_typer(live_lines.listeners, name="listener")
commands.add_typer(live_lines.relays, name="relay")

CallArgument = Annotated[
    str, typer.Argument(metavar="CALL_ID", help="The call's id at the carrier.", callback=text_argument)
]
TrackOption = Annotated[str, typer.Option("--track", help="inbound, outbound or both.")]
CodecOption = Annotated[str, typer.Option("--codec", help="l16-8k, l16-16k or mulaw.")]
LimitOption = Annotated[int, typer.Option("--time-limit", help="End the stream after so many seconds.")]
HeaderOption = Annotated[
    list[str] | None, typer.Option("--header", help="Sent along with the stream, as K=V; letters and digits.")
]
BothWaysOption = Annotated[
    bool, typer.Option("--bidirectional", help="Let the stream carry sound into the call, too; only inbound is heard.")
]


@commands.command()
def serve(
    listen: Annotated[str | None, typer.Option("--listen", help="HOST:PORT; this machine only, unless said.")] = None,
    tls_cert: Annotated[Path | None, typer.Option("--tls-cert", help="A certificate in PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="Its key in PEM.")] = None,
    public_url: Annotated[
        str | None, typer.Option("--public-url", help="What carriers dial, as https://calls.example.org.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Receive calls until interrupted. Nobody is let in who is not expected."""

    async def work(app: App) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for interrupt in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(interrupt, stop.set)
            except NotImplementedError:
                # Windows: Ctrl+C ends the loop itself
                break
        place = await app.live.serve(listen, certificate=tls_cert, key=tls_key, public_url=public_url)
        if as_json:
            print_json({"listening": place.listening, "public_url": place.public_url}, one_line=True)
        else:
            print(f"Listening on {place.listening}, outside {place.public_url}; Ctrl+C ends it.")
        if place.certificate_ends_at is not None:
            soon = place.certificate_ends_at - datetime.now(UTC) < RENEWED_BEFORE
            advice = " Renew it now." if soon else ""
            print(f"The certificate is good until {instant_text(place.certificate_ends_at)}.{advice}", file=sys.stderr)
        sys.stdout.flush()
        await stop.wait()

    with_app(work, home=home, as_json=as_json)


@commands.command()
def expect(
    connection: ConnectionArgument,
    call_id: CallArgument,
    track: TrackOption = "both",
    codec: CodecOption = "l16-8k",
    time_limit: LimitOption = 86_400,
    header: HeaderOption = None,
    bidirectional: BothWaysOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make addresses for one call that starts its stream itself; they work once, within five minutes."""

    async def work(app: App) -> None:
        wish = wish_of(track, codec, time_limit, header or [], bidirectional=bidirectional)
        invitation = await app.live.expect(connection, call_id, wish)
        if as_json:
            print_json(
                {
                    "service_url": invitation.service_url,
                    "status_callback_url": invitation.status_callback_url,
                    "expires_at": instant_text(invitation.expires_at),
                    "xml": invitation.xml,
                }
            )
        else:
            print(invitation.xml)
            print(f"Good once, until {instant_text(invitation.expires_at)}.", file=sys.stderr)

    with_app(work, home=home, as_json=as_json)


@commands.command()
def start(
    connection: ConnectionArgument,
    call_id: CallArgument,
    track: TrackOption = "both",
    codec: CodecOption = "l16-8k",
    time_limit: LimitOption = 86_400,
    header: HeaderOption = None,
    bidirectional: BothWaysOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have the carrier send a call that is going on to the relay."""

    async def work(app: App) -> None:
        wish = wish_of(track, codec, time_limit, header or [], bidirectional=bidirectional)
        started = await app.live.start(connection, call_id, wish)
        if as_json:
            print_json(stream_object(started))
        else:
            print(f"Stream {plain(started.stream_id)} runs, and is billed by the minute until it is stopped.")

    with_app(work, home=home, as_json=as_json)


@commands.command("list")
def list_streams(
    connection: ConnectionArgument, call_id: CallArgument, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """List the streams of a call, as the carrier tells of them."""

    async def work(app: App) -> None:
        _print_streams(await app.live.streams.of_call(connection, call_id), as_json=as_json)

    with_app(work, home=home, as_json=as_json)


@commands.command()
def show(
    connection: ConnectionArgument,
    call_id: CallArgument,
    stream_id: Annotated[str, typer.Argument(metavar="STREAM_ID", callback=text_argument)],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one stream of a call."""

    async def work(app: App) -> None:
        found = await app.live.streams.one(connection, call_id, stream_id)
        if as_json:
            print_json(stream_object(found))
        else:
            _print_streams((found,), as_json=False)

    with_app(work, home=home, as_json=as_json)


@commands.command()
def stop(
    connection: ConnectionArgument,
    call_id: CallArgument,
    stream_id: Annotated[str | None, typer.Argument(metavar="STREAM_ID", callback=text_argument)] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop one stream of a call, or all of them."""

    async def work(app: App) -> None:
        _print_streams(await app.live.streams.stop(connection, call_id, stream_id), as_json=as_json)

    with_app(work, home=home, as_json=as_json)


@commands.command("import")
def import_log(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One JSON frame a line, of Vobiz, Plivo or Twilio.")],
    call_id: Annotated[
        str | None, typer.Option("--call-id", help="The call's id, where the log names none.", callback=text_argument)
    ] = None,
    byte_order: Annotated[str, typer.Option("--byte-order", help="detected, big or little.")] = "detected",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a log of frames that was received elsewhere as a session of the connection `live`."""

    async def work(app: App) -> None:
        from qa_player.model.live import ByteOrder

        if byte_order not in list(ByteOrder):
            raise UsageError("This is no byte order.", "Give detected, big or little.")
        capture = await app.live.bring_log(file, call_id=call_id, order=ByteOrder(byte_order))
        if as_json:
            print_json(
                {
                    "connection": "live",
                    "session_id": capture.session_id,
                    "duration_ms": capture.duration_ms,
                    "frames": capture.frames,
                    "lost": capture.lost,
                }
            )
        else:
            length = clock(capture.duration_ms)
            print(f"{plain(capture.session_id)}  {length}  {capture.frames} frames, {capture.lost} lost")

    with_app(work, home=home, as_json=as_json)


def wish_of(track: str, codec: str, time_limit: int, headers: list[str], *, bidirectional: bool) -> StreamWish:
    """What is asked of the carrier, from the words of the command line. Raises UsageError."""
    from pydantic import ValidationError

    from qa_player.model.live import LONGEST_STREAM_S, Codec, StreamWish, Track

    if track not in list(Track) or codec not in list(Codec):
        raise UsageError(
            "There is no such track or codec.",
            f"Tracks are {', '.join(Track)}; codecs {', '.join(Codec)}.",
        )
    try:
        return StreamWish(
            track=Track(track),
            codec=Codec(codec),
            bidirectional=bidirectional,
            time_limit_s=time_limit,
            headers=options_of(headers),
        )
    except ValidationError:
        raise UsageError(
            "The time limit or a header cannot be used.",
            f"A limit is 1 to {LONGEST_STREAM_S} seconds; headers are letters and digits, as in --header case=42.",
        ) from None


def stream_object(stream: StreamInfo) -> dict[str, object]:
    """One stream as scripts read it; ``billed_minutes`` is null where the carrier does not say."""
    return {
        "connection": stream.connection,
        "call_id": stream.call_id,
        "stream_id": stream.stream_id,
        "state": stream.state.value,
        "track": stream.track,
        "content_type": stream.content_type,
        "bidirectional": stream.bidirectional,
        "started_at": instant_text(stream.started_at),
        "ended_at": instant_text(stream.ended_at),
        "billed_minutes": stream.billed_minutes,
        "events": list(stream.events),
        "stop_tries": stream.stop_tries,
    }


def _print_streams(streams: tuple[StreamInfo, ...], *, as_json: bool) -> None:
    if as_json:
        print_json([stream_object(one) for one in streams])
        return
    for one in streams:
        billed = "minutes not told" if one.billed_minutes is None else f"{one.billed_minutes} minutes billed"
        state = one.state.value if one.stop_tries == 0 else f"{one.state.value} (told to stop {one.stop_tries} times)"
        print(f"{plain(one.stream_id)}  {state}  {plain(one.track, 20)}  {plain(one.content_type, 40)}  {billed}")
