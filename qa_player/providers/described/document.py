"""A description: the whole TOML file as strict, bounded values, and errors that name its line and field."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path as File
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from qa_player.errors import UsageError
from qa_player.files import storage_errors
from qa_player.model.connection import Sides
from qa_player.model.value import Name, ShortText, Value
from qa_player.providers.addresses import AddressError, parse_address
from qa_player.providers.described.asking import (
    OPTION,
    ApiPath,
    BaseUrl,
    Credential,
    ExchangeCredential,
    Listing,
    names_in,
)
from qa_player.providers.described.fields import (
    AnyRecording,
    Errors,
    Paths,
    SessionFields,
    Time,
    TranscriptFields,
)

LARGEST = 256 * 1024
VERSION = 1
_MEND = "Mend the description; docs/providers/described.md says what each field means."


class Option(Value):
    """An option of a connection, as ``{name}`` in templates; without a value and not required it is empty."""

    label: Name
    help: ShortText = ""
    required: bool = False


class Detail(Value):
    """Where one session is; ``root`` is where in the answer."""

    path: ApiPath
    root: Paths = "@"


class Check(Value):
    """A cheap place that needs the key; without it a list of one session is asked for."""

    path: ApiPath


class Description(Value):
    """What a description file says. See docs/providers/described.md."""

    version: Literal[1]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    title: Name
    base_url: BaseUrl
    hosts: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,253}(:[0-9]{1,5})?$")], ...],
        Field(max_length=10, description="Further hosts that get the key."),
    ] = ()
    key_label: Name = "API key"
    sides: Sides = Sides()
    secrets: Annotated[
        tuple[Name, ...], Field(max_length=40, description="Names of fields that are kept out of the evidence.")
    ] = ()
    options: Annotated[dict[Annotated[str, Field(pattern=OPTION)], Option], Field(default_factory=dict, max_length=20)]
    credential: Credential
    check: Check | None = None
    listing: Listing | None = None
    detail: Detail
    session: SessionFields
    transcript: TranscriptFields | None = None
    recording: AnyRecording | None = None
    errors: Errors

    @model_validator(mode="after")
    def _fits(self) -> Description:
        problem = _problem(self)
        if problem:
            raise ValueError(problem)
        return self


def _problem(said: Description) -> str:
    """What one part says that another does not allow; empty when all fits."""
    for address in filter(None, (said.base_url, getattr(said.credential, "base_url", None))):
        try:
            parse_address(address)
        except AddressError as refused:
            return f"base_url: {refused}"
    if said.listing is None and said.check is None:
        return "check: it is needed where there is no listing"
    if set(said.options) & {"key", "session_id", "allowed_hosts", "base_url"}:
        return "options: key, session_id, base_url and allowed_hosts have meanings of their own"
    return _wrong_time(said) or _wrong_placeholder(said)


def _wrong_time(said: Description) -> str:
    fields = said.session
    for name, field, is_instant in (
        ("started_at", fields.started_at, True),
        ("ended_at", fields.ended_at, True),
        ("retention_deadline", fields.retention_deadline, True),
        ("duration", fields.duration, False),
    ):
        if field is not None and field.since is None and field.unit.is_instant is not is_instant:
            return f"session.{name}: its unit is one of {'lengths' if is_instant else 'moments'}"
    transcript = said.transcript
    if transcript is not None and transcript.start is not None:
        told_by = transcript.origin if isinstance(transcript.origin, Time) else None
        if transcript.start.unit.is_instant and (told_by is None or not told_by.unit.is_instant):
            return "transcript.origin: moments need the moment of the recording's start"
        if not transcript.start.unit.is_instant and told_by is not None:
            return "transcript.origin: lengths count from the recording or the session"
    return ""


def _wrong_placeholder(said: Description) -> str:
    options = frozenset(said.options)
    listing, credential = said.listing, said.credential
    allowed: list[tuple[str, Any, set[str]]] = [
        ("detail.path", said.detail.path, {"session_id"}),
        ("check.path", said.check and said.check.path, set()),
        ("transcript.address", said.transcript and said.transcript.address, {"session_id"}),
        ("recording.path", getattr(said.recording, "path", None), {"session_id"}),
        ("credential", credential.model_dump(exclude={"path", "base_url", "token", "lifetime", "rotated"}), {"key"}),
        ("credential.path", getattr(credential, "path", None), set()),
    ]
    if listing is not None:
        paging = {"page": "page", "offset": "offset", "cursor": "cursor", "last_item": "last"}.get(listing.paging.kind)
        own = getattr(listing.paging, "request", {})
        allowed += [
            ("listing.path", listing.path, set()),
            ("listing.request", listing.request, {"limit"}),
            ("listing.agent", listing.agent, {"agent"}),
            ("listing.since", listing.since, {"since"}),
            ("listing.until", listing.until, {"until"}),
            ("listing.between", listing.between, {"since", "until"}),
            ("listing.paging.request", own, {paging or "", "limit"}),
        ]
        if paging and paging not in names_in(own):
            return f"listing.paging.request: {{{paging}}} stands nowhere"
    for place, template, names in allowed:
        unknown = sorted(names_in(template) - names - options)
        if unknown:
            return f"{place}: {{{unknown[0]}}} is no placeholder there"
    for place in ("detail.path", "recording.path", "transcript.address"):
        template = next(template for name, template, _ in allowed if name == place)
        if template and "{session_id}" not in template:
            return f"{place}: {{session_id}} is missing"
    return ""


def key_hosts(said: Description, base_url: str = "") -> tuple[str, ...]:
    """Every host that gets the key, with its port where that is not the usual one; ``base_url`` is another base."""
    exchange = said.credential if isinstance(said.credential, ExchangeCredential) else None
    named = [base_url or said.base_url, exchange.base_url if exchange and exchange.base_url else ""]
    found = []
    for address in filter(None, named):
        parsed = parse_address(address)
        found.append(parsed.host if parsed.port in (80, 443) else f"{parsed.host}:{parsed.port}")
    return tuple(dict.fromkeys([*found, *said.hosts]))


def read_description(file: File) -> Description:
    """The description in ``file``; raises UsageError, which names line and field, and StorageError."""
    with storage_errors():
        if not file.is_file():
            raise UsageError("There is no description file of that name.", "Give the path of a TOML file.")
        with file.open("rb") as opened:
            body = opened.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise UsageError("The description is larger than 256 KiB.", "Give the path of a description.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("The description is not text in UTF-8.", "Save it as UTF-8.") from None
    return parse_description(text)


def parse_description(text: str) -> Description:
    """The description that ``text`` is; raises UsageError, which names line and field."""
    try:
        plain = json.dumps(tomllib.loads(text), allow_nan=False)
    except tomllib.TOMLDecodeError as wrong:
        place = re.search(r"\(at (line [0-9]+, column [0-9]+|end of document)\)", str(wrong))
        where = place[1].replace("end of document", "its end") if place else "some place"
        raise UsageError(f"The description is not TOML: it cannot be read at {where}.", _MEND) from None
    except (TypeError, ValueError, RecursionError):
        raise UsageError("The description holds a date, NaN or an infinity, which no field is.", _MEND) from None
    try:
        return Description.model_validate_json(plain)
    except ValidationError as refused:
        raise _refusal(refused, text) from None


def _refusal(refused: ValidationError, text: str) -> UsageError:
    error = refused.errors(include_url=False, include_context=False, include_input=False)[0]
    way = [str(step) for step in error["loc"] if not re.search(r"[\[\]]", str(step))]
    reason = error["msg"].removeprefix("Value error, ")
    if not way and (named := re.match(r"([a-z_.]+): (.*)", reason)):
        way, reason = named[1].split("."), named[2]
    line = line_of(text, way)
    where = f"line {line}, " if line else ""
    more = f" ({refused.error_count() - 1} more after it)" if refused.error_count() > 1 else ""
    field = ".".join(way)[:200] or "the whole"
    return UsageError(f"The description cannot be used: {where}field {field}: {reason}.{more}", _MEND)


def line_of(text: str, way: list[str]) -> int | None:
    """The line of the TOML on which the field at the end of ``way``, or what is nearest to it, is written.

    >>> line_of('a = 1\\n[b.c]\\nd = 2\\n', ["b", "c", "d"])
    3
    """
    table: list[str] = []
    best, nearest = 0, None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?([^\]]+)\]", line)
        entry = re.match(r"\s*([\w.\"-]+)\s*=", line)
        if header:
            table = [part.strip(' "') for part in header[1].split(".")]
        here = table if header else [*table, *(part.strip('"') for part in entry[1].split("."))] if entry else None
        if here and here == way[: len(here)] and len(here) > best:
            best, nearest = len(here), number
    return nearest


def schema() -> dict[str, Any]:
    """The JSON Schema of description files."""
    made = Description.model_json_schema(mode="validation")
    about: Mapping[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:qa-player:provider:1",
        "title": "A provider described for QA Player",
    }
    return {**about, **{name: item for name, item in made.items() if name != "title"}}
