"""Connections: adding, checking and removing the doors to providers; the key goes to the keychain and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from qa_player.errors import KeychainError, KeyRefusedError, NotFoundError, QaPlayerError, UsageError
from qa_player.model.connection import PREFETCH, Connection
from qa_player.model.secret import Secret
from qa_player.services.built_in import BuiltIn
from qa_player.services.kept_key import KeptKey
from qa_player.services.kind_in_file import resolved
from qa_player.services.trail import Trail
from qa_player.signal import Signal

if TYPE_CHECKING:
    from qa_player.credentials import Keychain
    from qa_player.providers.base import Provider, ProviderKind, TranscriptReader
    from qa_player.providers.http import Http
    from qa_player.store.database import Database, Transaction


T = TypeVar("T")

FILES = "local"
"""The provider of files that are opened without a connection having been made for them."""


class Connections:
    """Owns the living providers: one per connection, made when first needed and closed with the program."""

    def __init__(
        self,
        *,
        database: Database,
        keychain: Keychain,
        make_http: Callable[[], Http],
        read_transcript: TranscriptReader,
        home_id: str,
        trail: Trail,
        descriptions: Path | None = None,
        built_in: Mapping[str, BuiltIn] | None = None,
    ) -> None:
        self.connections_changed: Signal[()] = Signal()
        self._database = database
        self._keychain = keychain
        self._make_http = make_http
        self._read_transcript = read_transcript
        self._home_id = home_id
        self._trail = trail
        self._descriptions = descriptions
        self._built_in = built_in or {}
        self._providers: dict[str, Provider] = {}
        self._keys: dict[str, KeptKey] = {}
        self._keeping = asyncio.Lock()

    def kinds(self) -> Mapping[str, ProviderKind]:
        """The providers there are, by name."""
        from qa_player.providers import registry

        return registry.kinds(self._descriptions)

    def asked_for(
        self, provider: str, base_url: str | None, options: Mapping[str, str]
    ) -> tuple[ProviderKind, tuple[str, ...]]:
        """What a provider at that address asks for, and which hosts a person must agree to first. Raises UsageError."""
        kind, base_url = resolved(self._kind(provider), base_url)
        return kind, () if kind.key_hosts is None else kind.key_hosts(base_url or kind.base_url, options)

    async def all(self) -> tuple[Connection, ...]:
        """Every connection, by name."""
        from qa_player.store import connections

        return tuple(await self._database.read(connections.load_all))

    async def named(self, name: str) -> Connection:
        """The connection of that name; raises NotFoundError."""
        from qa_player.store import connections

        found = await self._database.read(lambda transaction: connections.load(transaction, name))
        if found is None and name in self._built_in:
            return self._built_in[name].connection()
        if found is None:
            raise NotFoundError(
                f"There is no connection called “{name[:80]}”.", "See `qa-player connection list`, or add it."
            )
        return found

    async def add(
        self, *, name: str, provider: str, base_url: str | None, options: Mapping[str, str], key: Secret
    ) -> Connection:
        """Check the key with one cheap call, then keep it; when the provider refuses, nothing is kept.

        Raises UsageError, KeyRefusedError, NetworkError, KeychainError.
        """
        kind, base_url = resolved(self._kind(provider), base_url)
        connection = self._described(name=name, kind=kind, base_url=base_url, options=options)
        if not key and kind.needs_key:
            raise UsageError("The key is empty.", "Give the key on standard input or at the prompt.")
        if name in self._built_in or any(name == existing.name for existing in await self.all()):
            taken = f"There is already a connection called “{name}”."
            raise UsageError(taken, f"Choose another name{'' if name in self._built_in else ', or remove it first'}.")
        if kind.keeps is not None:
            key = await self._told(kind.keeps(connection, key, self._make_http()), connection)
        kept = KeptKey(self._keychain, self._entry(name), key, kept=False)
        living = self._made(kind, connection, key, kept)
        try:
            await self._told(living.check(), connection)
            # once the keychain is asked, key and connection are kept or refused together, whoever is cancelled
            await asyncio.shield(self._keep(connection, kept))
        except BaseException:
            await living.aclose()
            raise
        self._providers[name], self._keys[name] = living, kept
        self.connections_changed.emit()
        return connection

    async def check(self, name: str) -> None:
        """One cheap call with the kept key; raises what the provider or the keychain says."""
        connection = await self.named(name)
        await self._told((await self.provider(name)).check(), connection)

    async def remove(self, name: str) -> None:
        """Forget the connection, its key and its listing; annotations stay."""
        from qa_player.store import connections, sessions

        connection = await self.named(name)
        if connection.provider in self._built_in:
            raise UsageError(f"“{name}” is no connection of yours but where calls are kept.", "Name another one.")
        kind = self.kinds().get(connection.provider)
        if connection.provider not in self._built_in and (kind is None or kind.needs_key):
            kept = self._keys.get(name) or KeptKey(self._keychain, self._entry(name), Secret(""), kept=True)
            await kept.forget()

        def forget(transaction: Transaction) -> None:
            connections.delete(transaction, name)
            sessions.forget_connection(transaction, name)
            self._trail.append(transaction, "connection.removed", connection=name)

        await self._database.write(forget)
        self._keys.pop(name, None)
        if (living := self._providers.pop(name, None)) is not None:
            await living.aclose()
        self.connections_changed.emit()

    async def holding(self, path: Path) -> tuple[Connection, str | None]:
        """The connection whose folder holds a file, added where there is none, and the file's session.

        For a folder the session is null. Raises NotFoundError, UsageError, StorageError.
        """
        from qa_player.providers.base import HoldsFiles

        kind = self._kind(FILES)
        is_folder = await asyncio.to_thread(path.is_dir)
        folder = str(path if is_folder else path.parent)
        described = self._described(name=FILES, kind=kind, base_url=folder, options={})
        living = self._made(kind, described, Secret(""))
        await living.check()
        session_id = None
        if isinstance(living, HoldsFiles) and not is_folder:
            session_id = await living.session_of_file(path.name)
        found = next((one for one in await self.all() if (one.provider, one.base_url) == (FILES, folder)), None)
        if found is None:
            name = await self._free_name(Path(folder).name)
            found = await self.add(name=name, provider=FILES, base_url=folder, options={}, key=Secret(""))
        return found, session_id

    async def _free_name(self, wanted: str) -> str:
        """A name like ``wanted`` that no other connection has."""
        plain = "".join(letter for letter in wanted if letter.isprintable() and letter != "/")[:80] or "Files"
        taken = {one.name for one in await self.all()}
        numbered = (plain if number == 1 else f"{plain} {number}" for number in range(1, len(taken) + 2))
        return next(name for name in numbered if name not in taken)

    async def provider(self, name: str) -> Provider:
        """The living provider of a connection; raises NotFoundError, KeychainError."""
        if name in self._providers:
            return self._providers[name]
        connection = await self.named(name)
        if connection.provider in self._built_in:
            return self._providers.setdefault(name, self._built_in[connection.provider].make())
        kind = self._kind(connection.provider)
        key = await self._keychain.get(self._entry(name)) if kind.needs_key else Secret("")
        if key is None:
            raise KeychainError(
                f"The key of “{name}” is no longer in the keychain.",
                "Remove the connection and add it again with its key.",
                state="missing",
            )
        if name not in self._providers:
            kept = KeptKey(self._keychain, self._entry(name), key, kept=kind.needs_key)
            self._providers[name], self._keys[name] = self._made(kind, connection, key, kept), kept
        return self._providers[name]

    def living(self, name: str) -> Provider | None:
        """The provider of a connection if it was used already; asks neither keychain nor network."""
        return self._providers.get(name)

    def _made(self, kind: ProviderKind, connection: Connection, key: Secret, kept: KeptKey | None = None) -> Provider:
        from qa_player.providers.base import ReadsTranscripts, RenewsKey

        living = kind.make(connection, key, self._make_http())
        if isinstance(living, RenewsKey) and kept is not None:
            living.keep_key_in(kept)
        if isinstance(living, ReadsTranscripts):
            living.read_transcripts_with(self._read_transcript)
        return living

    async def aclose(self) -> None:
        """Close every living provider, once what is being kept is kept or refused."""
        async with self._keeping:
            pass
        for living in self._providers.values():
            await living.aclose()
        self._providers.clear()
        self._keys.clear()

    async def _told(self, asking: Awaitable[T], connection: Connection) -> T:
        """What the provider answers; that it refused is recorded."""
        name = connection.name
        try:
            return await asking
        except KeyRefusedError:
            await self._database.write(
                lambda transaction: self._trail.append(
                    transaction, "connection.refused", connection=name, detail={"provider": connection.provider}
                )
            )
            raise

    async def _keep(self, connection: Connection, key: KeptKey) -> None:
        from qa_player.store import connections

        def keep(transaction: Transaction) -> None:
            connections.save(transaction, connection)
            self._trail.append(
                transaction,
                "connection.added",
                connection=connection.name,
                detail={"provider": connection.provider},
            )

        async with self._keeping:
            if not self._kind(connection.provider).needs_key:
                return await self._database.write(keep)
            await key.keep()
            try:
                await self._database.write(keep)
            except QaPlayerError:
                with contextlib.suppress(QaPlayerError):
                    await key.forget()
                raise

    def _kind(self, provider: str) -> ProviderKind:
        kinds = self.kinds()
        if provider not in kinds:
            raise UsageError(
                f"There is no provider called “{provider[:40]}”.", f"Choose one of: {', '.join(sorted(kinds))}."
            )
        return kinds[provider]

    def _described(
        self, *, name: str, kind: ProviderKind, base_url: str | None, options: Mapping[str, str]
    ) -> Connection:
        known = {option.name for option in kind.options} | {"allowed_hosts", PREFETCH}
        unknown = sorted(set(options) - known)
        if unknown:
            raise UsageError(
                f"{kind.title} has no option “{unknown[0][:40]}”.", f"Options are: {', '.join(sorted(known))}."
            )
        if kind.key_hosts is not None:
            from qa_player.providers.base import CONFIRMED_HOSTS

            options = {**options, CONFIRMED_HOSTS: ",".join(kind.key_hosts(base_url or kind.base_url, options))}
        try:
            return Connection(
                name=name,
                provider=kind.name,
                base_url=kind.tidy_base_url(base_url or kind.base_url),
                options=dict(options),
                sides=kind.sides,
                created_at=self._trail.now(),
            )
        except ValidationError as refused:
            field = str(refused.errors(include_input=False)[0]["loc"][0])
            raise UsageError(
                f"The connection's {field.replace('_', ' ')} cannot be used.",
                "Names are up to 100 characters without a slash; addresses up to 2,000.",
            ) from None

    def _entry(self, name: str) -> str:
        return f"connection/{self._home_id}/{name}"
