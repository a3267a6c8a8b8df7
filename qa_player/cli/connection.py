"""`qa-player connection`: add, list, check and remove the doors to providers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.running import HomeOption, JsonOption, plain, print_json, text_argument, told, with_app
from qa_player.errors import UsageError
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
        options, key = _options(option or []), _key(provider, from_stdin=key_stdin)

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


def _options(pairs: list[str]) -> dict[str, str]:
    options = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError("An option is not written as K=V.", "Write it as in --option character_slug=support-bot.")
        options[name] = value
    return options


def _key(provider: str, *, from_stdin: bool) -> Secret:
    """The key: one line of standard input, or a prompt without echo; never an argument."""
    from qa_player.providers import registry

    kind = registry.kinds().get(provider)
    if kind is not None and not kind.needs_key:
        return Secret("")
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
