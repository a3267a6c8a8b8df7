"""`qa-player live listener` and `live relay`: who may listen to the relay here, and relays elsewhere to listen to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.connection import key_of
from qa_player.cli.running import HomeOption, JsonOption, plain, print_json, text_argument, told, with_app
from qa_player.errors import UsageError
from qa_player.formats.session_object import instant_text

if TYPE_CHECKING:
    from qa_player.app import App

listeners = typer.Typer(help="Who may listen to the relay of this folder from elsewhere.")
relays = typer.Typer(help="Relays elsewhere that the window listens to.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", callback=text_argument)]


@listeners.command("add")
def add_listener(name: NameArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Make a key for one listener. It is shown this once, and kept nowhere."""

    async def work(app: App) -> None:
        key = await app.live.audience.add(name)
        if as_json:
            print_json({"name": name, "key": key.reveal()})
        else:
            print(key.reveal())
            print("This is shown once. Whoever has it hears every call that comes in here.", file=sys.stderr)

    with_app(work, home=home, as_json=as_json)


@listeners.command("list")
def list_listeners(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List who may listen."""

    async def work(app: App) -> None:
        keys = await app.live.audience.keys()
        if as_json:
            print_json([{"name": one.name, "made_at": instant_text(one.made_at)} for one in keys])
            return
        for one in keys:
            print(f"{plain(one.name)}  since {instant_text(one.made_at)}")

    with_app(work, home=home, as_json=as_json)


@listeners.command("remove")
def remove_listener(name: NameArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Take a key away; whoever listens with it is hung up on within a second or two."""

    async def work(app: App) -> None:
        await app.live.audience.remove(name)
        if as_json:
            print_json({"name": name, "removed": True})
        else:
            print(f"{plain(name)} listens no longer.")

    with_app(work, home=home, as_json=as_json)


@relays.command("add")
def add_relay(
    name: NameArgument,
    url: Annotated[str, typer.Argument(metavar="URL", help="Its public address.", callback=text_argument)],
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the key as one line of standard input.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Dial a relay with a key that was made there, then keep both; the window listens to it from then on."""
    with told(as_json=as_json):
        if not key_stdin:
            _confirm_host(url)
        key = key_of(key_stdin)

    async def work(app: App) -> None:
        relay = await app.live.relays.add(name, url, key)
        if as_json:
            print_json({"name": relay.name, "url": relay.url})
        else:
            print(f"{plain(relay.name)} answered; the window listens to it.")

    with_app(work, home=home, as_json=as_json)


@relays.command("list")
def list_relays(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the relays that the window listens to."""

    async def work(app: App) -> None:
        known = await app.live.relays.all()
        if as_json:
            print_json([{"name": one.name, "url": one.url, "added_at": instant_text(one.added_at)} for one in known])
            return
        for one in known:
            print(f"{plain(one.name)}  {plain(one.url, 200)}")

    with_app(work, home=home, as_json=as_json)


@relays.command("remove")
def remove_relay(name: NameArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Forget a relay and its key; what was kept of its calls stays."""

    async def work(app: App) -> None:
        await app.live.relays.remove(name)
        if as_json:
            print_json({"name": name, "removed": True})
        else:
            print(f"{plain(name)} and its key are gone; calls that were kept stay.")

    with_app(work, home=home, as_json=as_json)


def _confirm_host(url: str) -> None:
    """Show who would get the key, and ask, before it is typed; whoever pipes a key in has agreed."""
    from qa_player.live.place import Outside

    host = Outside.named(url).host
    if not sys.stdin.isatty():
        return
    print(f"The key will be sent to {plain(host)}, and to no other. Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("The host was not agreed to; nothing was kept.", "Check the address, then add it again.")
