"""`qa-player connection`: add, list, check and remove the doors to providers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.running import HomeOption, JsonOption, plain, print_json, text_argument, told, with_app
from qa_player.errors import UsageError
from qa_player.files import home_at
from qa_player.formats.session_object import instant_text
from qa_player.model.secret import Secret

if TYPE_CHECKING:
    from qa_player.app import App
    from qa_player.model.connection import Connection

commands = typer.Typer(help="Add, list, check and remove connections.")


@commands.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", callback=text_argument)],
    provider: Annotated[str, typer.Option("--provider", help="Which provider it is, as oshara.")],
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="Its address, where it is not the usual one.")
    ] = None,
    option: Annotated[list[str] | None, typer.Option("--option", help="One of the provider's options, as K=V.")] = None,
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the key as one line of standard input.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a key with one cheap call, then keep it in the keychain."""

    # read before anything runs: at the prompt an interrupt ends the program at once
    with told(as_json=as_json):
        options = options_of(option or [])
        if not key_stdin:
            _confirm_hosts(provider, base_url, options, home)
        key = key_of(key_stdin) if _needs_key(provider, home) else Secret("")

    async def work(app: App) -> None:
        connection = await app.connections.add(
            name=name, provider=provider, base_url=base_url, options=options, key=key
        )
        if as_json:
            print_json(_object(connection))
        else:
            print(f"Connection {plain(connection.name)} was checked and kept.")

    with_app(work, home=home, as_json=as_json)


@commands.command("list")
def list_connections(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Print the connections there are."""

    async def work(app: App) -> None:
        connections = await app.connections.all()
        if as_json:
            print_json([_object(connection) for connection in connections])
            return
        for connection in connections:
            print(f"{plain(connection.name)}\t{connection.provider}\t{plain(connection.base_url)}")

    with_app(work, home=home, as_json=as_json)


@commands.command()
def check(
    name: Annotated[str, typer.Argument(metavar="NAME", callback=text_argument)],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the provider whether it still takes the key."""

    async def work(app: App) -> None:
        await app.connections.check(name)
        if as_json:
            print_json({"name": name, "works": True})
        else:
            print(f"Connection {plain(name)} works.")

    with_app(work, home=home, as_json=as_json)


@commands.command()
def allow(
    name: Annotated[str, typer.Argument(metavar="NAME", callback=text_argument)],
    prefetch: Annotated[
        bool, typer.Option("--prefetch/--no-prefetch", help="Fetch the recording of what is next in the queue ahead.")
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Allow what the program does by itself; each time it does, the audit trail says so."""

    async def work(app: App) -> None:
        connection = await app.allowing.allow_prefetch(name, prefetch)
        if as_json:
            print_json(_object(connection))
        else:
            print(f"Recordings of {plain(name)} are {'' if prefetch else 'not '}fetched ahead.")

    with_app(work, home=home, as_json=as_json)


@commands.command()
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", callback=text_argument)],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget a connection and delete its key from the keychain."""

    async def work(app: App) -> None:
        await app.connections.remove(name)
        if as_json:
            print_json({"name": name, "removed": True})
        else:
            print(f"Connection {plain(name)} and its key are gone; annotations stay.")

    with_app(work, home=home, as_json=as_json)


def options_of(pairs: list[str]) -> dict[str, str]:
    """Options as they are written on the command line; raises UsageError."""
    options = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError("An option is not written as K=V.", "Write it as in --option character_slug=support-bot.")
        options[name] = value
    return options


def _confirm_hosts(provider: str, base_url: str | None, options: dict[str, str], home: Path | None) -> None:
    """Show who would get the key, and ask, before it is typed; whoever pipes a key in has agreed."""
    from qa_player.providers import registry
    from qa_player.services.kind_in_file import resolved

    kind = registry.kinds(home_at(home).providers).get(provider)
    if kind is None or not sys.stdin.isatty():
        return
    kind, address = resolved(kind, base_url)
    if kind.key_hosts is None:
        return
    print("The key will be sent to these hosts, and to no other:", file=sys.stderr)
    for host in kind.key_hosts(address or kind.base_url, options):
        print(f"  {plain(host)}", file=sys.stderr)
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("The hosts were not agreed to; nothing was kept.", "Check the description, then add it again.")


def _needs_key(provider: str, home: Path | None) -> bool:
    from qa_player.providers import registry

    kind = registry.kinds(home_at(home).providers).get(provider)
    return kind is None or kind.needs_key


def key_of(from_stdin: bool) -> Secret:
    """The key: one line of standard input, or a prompt without echo; never an argument."""
    if from_stdin:
        try:
            return Secret(sys.stdin.buffer.readline().decode("utf-8-sig").rstrip("\r\n"))
        except UnicodeDecodeError:
            raise UsageError("The key is not text in UTF-8.", "Copy the key again.") from None
    if not sys.stdin.isatty():
        raise UsageError("There is no terminal to ask for the key.", "Pass the key on standard input with --key-stdin.")
    import getpass

    try:
        return Secret(getpass.getpass("Key: ", stream=sys.stderr))
    except EOFError:
        return Secret("")


def _object(connection: Connection) -> dict[str, object]:
    return {
        "name": connection.name,
        "provider": connection.provider,
        "base_url": connection.base_url,
        "options": dict(connection.options),
        "created_at": instant_text(connection.created_at),
    }
