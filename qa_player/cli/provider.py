"""`qa-player provider`: begin a provider of one's own, and hold it to what every provider keeps."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa_player.cli.connection import key_of, options_of
from qa_player.cli.running import HomeOption, JsonOption, carry_out, plain, print_json, text_argument, told
from qa_player.errors import UnexpectedAnswerError, UsageError
from qa_player.files import home_at, private_folder, resource, storage_errors, write_whole
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret

if TYPE_CHECKING:
    from qa_player.providers.base import ProviderKind
    from qa_player.providers.described.promises import Promise

commands = typer.Typer(help="Begin and test providers of your own.")


@commands.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", callback=text_argument)],
    code: Annotated[bool, typer.Option("--code", help="A Python package, for what no description can say.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a working provider to begin with: a description, or with --code a Python package."""
    with told(as_json=as_json):
        if not re.fullmatch("[a-z][a-z0-9-]{0,39}", name):
            raise UsageError("A provider's name is of small letters, digits and dashes.", "Choose one as acme-voice.")
        written = _package(name) if code else _description(name)
        if as_json:
            print_json({"name": name, "written": written})
        else:
            print("\n".join(f"Wrote {file}" for file in written))


@commands.command("test")
def try_out(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A description, or an installed provider's name.")],
    base_url: Annotated[str | None, typer.Option("--base-url", help="Also try it on the API at this address.")] = None,
    session: Annotated[str | None, typer.Option("--session", help="Try this session.")] = None,
    option: Annotated[list[str] | None, typer.Option("--option", help="One of the provider's options, as K=V.")] = None,
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the key as one line of standard input.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try what every provider keeps: on the answers in FILE's .samples folder, and on an API with --base-url."""
    tried: list[Promise] = []

    def say(promise: Promise) -> None:
        tried.append(promise)
        if not as_json:
            print(f"{_MARKS[promise.kept]}  {plain(promise.name)}: {plain(promise.seen, 200)}")

    with told(as_json=as_json):
        kind = _kind(file, home)
        connection = _connection(kind, base_url, options_of(option or []))
        if Path(file).is_file():
            _on_samples(Path(file), connection, say)
        if base_url is not None:
            carry_out(_on_the_api(kind, connection, key_of(key_stdin), session, home, say), as_json=as_json)
        if as_json:
            print_json([{"promise": one.name, "kept": one.kept, "seen": one.seen} for one in tried])
        broken = sum(one.kept is False for one in tried)
        if broken:
            raise UnexpectedAnswerError(
                f"{broken} of {len(tried)} promises {'does' if broken == 1 else 'do'} not hold.",
                "Mend the description or the code; docs/providers/described.md says what each field means.",
            )


_MARKS = {True: "holds ", False: "BROKEN", None: "-     "}


def _on_samples(file: Path, connection: Connection, say: Callable[[Promise], None]) -> None:
    from qa_player.providers.described.document import read_description
    from qa_player.providers.described.promises import Promise, on_samples, samples_of

    description = read_description(file)
    say(Promise("description", True, "it is whole and strict"))
    for promise in on_samples(description, samples_of(file), connection):
        say(promise)


async def _on_the_api(
    kind: ProviderKind,
    connection: Connection,
    key: Secret,
    session_id: str | None,
    home: Path | None,
    say: Callable[[Promise], None],
) -> None:
    from qa_player.providers.described.promises import WRONG_KEY, on_the_api
    from qa_player.providers.http import Http
    from qa_player.settings import read_settings

    http = Http(proxy=read_settings(home_at(home)).proxy)
    provider = kind.make(connection, key, http)
    try:
        async for promise in on_the_api(provider, lambda: kind.make(connection, Secret(WRONG_KEY), http), session_id):
            say(promise)
    finally:
        await provider.aclose()
        await http.aclose()


def _kind(file: str, home: Path | None) -> ProviderKind:
    from qa_player.providers import registry
    from qa_player.providers.described.kind import kind_of_file

    if not Path(file).is_file() and file in registry.kinds(home_at(home).providers):
        return registry.kinds(home_at(home).providers)[file]
    return kind_of_file(Path(file))


def _connection(kind: ProviderKind, base_url: str | None, options: dict[str, str]) -> Connection:
    base = base_url or kind.base_url
    return Connection(name="test", provider=kind.name, base_url=base, options=options, created_at=datetime.now(UTC))


def _description(name: str) -> list[str]:
    source, samples = resource("providers", "skeleton"), Path(f"{name}.samples")
    return _written(
        {
            Path(f"{name}.toml"): source / "description.toml",
            samples / "listing.json": source / "samples" / "listing.json",
            samples / "detail.json": source / "samples" / "detail.json",
        },
        name,
    )


def _package(name: str) -> list[str]:
    source, folder, module = resource("providers", "skeleton", "package"), Path(name), _module(name)
    return _written(
        {
            folder / "pyproject.toml": source / "pyproject.toml.txt",
            folder / "README.md": source / "README.md",
            folder / f"{module}.py": source / "provider.py.txt",
        },
        name,
    )


def _module(name: str) -> str:
    return f"qa_player_{name.replace('-', '_')}"


def _written(files: dict[Path, Path], name: str) -> list[str]:
    taken = [path for path in files if path.exists()]
    if taken:
        raise UsageError("A file of that name is already there; nothing was written.", "Choose another name.")
    for path, source in files.items():
        if not path.parent.is_dir():
            private_folder(path.parent)  # one that is there is somebody's, and stays as open as it is
        with storage_errors():
            text = source.read_text("utf-8")
        write_whole(path, text.replace("NAME", name).replace("MODULE", _module(name)).encode())
    return [str(path) for path in files]
