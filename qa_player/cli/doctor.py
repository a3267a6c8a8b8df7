"""`qa-player doctor`: what works on this machine, in words that hold no key, address or health data."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import platform
import sys
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa_player import __version__
from qa_player.cli.running import HomeOption, JsonOption, carry_out, plain, print_json
from qa_player.errors import QaPlayerError
from qa_player.files import home_at, place_to_write, write_whole
from qa_player.model.start import Start

if TYPE_CHECKING:
    from qa_player.ui.machine import Fact

LIBRARIES = ("PySide6", "qasync", "httpx", "pydantic", "keyring", "av", "numpy", "SQLAlchemy", "sqlcipher3")


def doctor(
    bundle: Annotated[Path | None, typer.Option("--bundle", help="Also write it to this file, to send along.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what works on this machine: display, sound, keychain, database, proxy, network, versions."""

    async def work() -> None:
        from qa_player.ui.machine import look

        if bundle is not None:
            await asyncio.to_thread(place_to_write, bundle)
        found = [*await asyncio.to_thread(look), *await _kept(Start(home_at(home)))]
        report = {"versions": _versions(), "checks": [asdict(fact) for fact in found]}
        if bundle is not None:
            await asyncio.to_thread(write_whole, bundle, json.dumps(report, indent=2).encode() + b"\n")
        if as_json:
            print_json(report)
            return
        for name, version in _versions().items():
            print(f"       {name:<12} {version}")
        for fact in found:
            print(f"{'works' if fact.works else 'FAILS'}  {fact.name:<12} {plain(fact.words)}")

    carry_out(work(), as_json=as_json)


async def _kept(start: Start) -> list[Fact]:
    """Keychain, database, proxy and network, as far as each can be reached through the one before."""
    from qa_player.app import opened
    from qa_player.ui.machine import Fact

    try:
        async with opened(start) as app:
            verdict = await app.audit.verify()
            facts = [
                Fact("keychain", True, "keys are kept and read back"),
                Fact("database", verdict.consistent, f"{verdict.entries} entries in the audit trail"),
                Fact("proxy", True, app.settings.proxy if app.settings.proxy in ("system", "off") else "an address"),
            ]
            connections = await app.connections.all()
            for number, connection in enumerate(connections, start=1):
                facts.append(await _reached(number, connection.provider, app.connections.check(connection.name)))
            if not connections:
                facts.append(Fact("network", True, "no connection to try"))
            return facts
    except QaPlayerError as error:
        return [Fact("keychain" if error.kind.startswith("keychain") else "database", False, str(error))]


async def _reached(number: int, provider: str, check: Coroutine[Any, Any, None]) -> Fact:
    from qa_player.ui.machine import Fact

    try:
        await check
    except QaPlayerError as error:
        return Fact("network", False, f"connection {number} ({provider}): {error.message}")
    return Fact("network", True, f"connection {number} ({provider}) answers")


def _versions() -> dict[str, str]:
    versions = {"qa-player": __version__, "python": platform.python_version(), "system": platform.platform(terse=True)}
    if getattr(sys, "frozen", False):
        versions["built"] = "yes"
    for name in LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "missing"
    return versions
