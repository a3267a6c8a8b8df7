"""Forms: those that come with the program, and versions that a team adds; none ever changes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from qa_player.canonical import digest
from qa_player.errors import ConflictError, FaultyFileError, NotFoundError
from qa_player.files import resource
from qa_player.model.form import Form
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction


def form_digest(form: Form) -> str:
    """Of everything that stands in a form: two with the same digest ask and count the same."""
    return digest(form.model_dump(mode="json"))


class Forms:
    """Every version of every form that can be answered here."""

    def __init__(self, *, database: Database, trail: Trail) -> None:
        self._database = database
        self._trail = trail

    async def all(self) -> tuple[Form, ...]:
        """Every version, by id and version."""
        from qa_player.store import forms

        added = await self._database.read(forms.everything)
        known = {(one.form_id, one.version): one for one in (*await asyncio.to_thread(_shipped), *added)}
        return tuple(known[key] for key in sorted(known))

    async def latest(self) -> tuple[Form, ...]:
        """The newest version of each form, by title."""
        newest = {one.form_id: one for one in await self.all()}
        return tuple(sorted(newest.values(), key=lambda one: one.title))

    async def named(self, form_id: str, version: int | None = None) -> Form:
        """One version, the newest unless one is named. Raises NotFoundError."""
        found = [one for one in await self.all() if one.form_id == form_id and version in (None, one.version)]
        if not found:
            raise NotFoundError("There is no form of that name.", "See `qa-player forms list`.")
        return found[-1]

    async def add(self, data: bytes) -> Form:
        """Take in a version from a file. Raises FaultyFileError with all that is wrong with it, ConflictError
        when that version is there and says something else; the same one again is no error."""
        from qa_player.formats.evaluation_form import read_form
        from qa_player.store import forms

        form, lines = await asyncio.to_thread(read_form, data)
        if form is None:
            more = f" There is more: {len(lines)} faults in all." if len(lines) > 1 else ""
            raise FaultyFileError(f"{lines[0]}{more}", "`qa-player forms check FILE` lists every fault.", lines)
        there = next((one for one in await self.all() if _key(one) == _key(form)), None)
        if there == form:
            return form
        if there is not None:
            raise ConflictError(
                f"Version {form.version} of this form is there already and says something else.",
                "Give the changed form the next EvaluationFormVersion; a version never changes.",
            )
        added = form

        def keep(transaction: Transaction) -> None:
            forms.add(transaction, added, digest=form_digest(added))
            self._trail.append(
                transaction,
                "form.added",
                subject=added.form_id,
                detail={"version": added.version, "digest": form_digest(added)},
            )

        await self._database.write(keep)
        return form


def _key(form: Form) -> tuple[str, int]:
    return form.form_id, form.version


def _shipped() -> list[Form]:
    from qa_player.formats.evaluation_form import read_form

    found = []
    for path in sorted(resource("forms").glob("*.json")):
        form, lines = read_form(path.read_bytes())
        if form is None:
            raise ValueError(f"the shipped form {path.stem} is faulty: {lines[0]}")
        found.append(form)
    return found
