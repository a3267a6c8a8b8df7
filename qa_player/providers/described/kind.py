"""Descriptions as kinds of provider: those that come with the program, and the one that takes any file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qa_player.files import resource
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.providers.base import OptionField, ProviderKind
from qa_player.providers.described.document import Description, key_hosts, read_description
from qa_player.providers.described.provider import Described, make

if TYPE_CHECKING:
    from qa_player.providers.http import Http

ANOTHER_BASE = "base_url"


def kind_of(description: Description, *, is_ours: bool = False) -> ProviderKind:
    """The kind of provider that ``description`` makes; the hosts that somebody else's names are to be confirmed."""
    own = tuple(
        OptionField(name, option.label, option.help, required=option.required)
        for name, option in description.options.items()
    )
    allowed = OptionField("allowed_hosts", "Allowed hosts", "Private hosts that recordings may come from, with commas.")
    return ProviderKind(
        name=description.name,
        title=description.title,
        base_url=description.base_url,
        make=partial(make, description),
        key_label=description.key_label,
        options=(*own, allowed),
        sides=description.sides,
        key_hosts=None if is_ours else partial(_key_hosts, description),
    )


def kind_of_file(file: Path) -> ProviderKind:
    """The kind of provider that a description file makes; raises UsageError, which names line and field."""
    return kind_of(read_description(file))


def _shipped(name: str) -> ProviderKind:
    return kind_of(read_description(resource("providers", f"{name}.toml")), is_ours=True)


def _key_hosts(description: Description, base_url: str, options: Mapping[str, str]) -> tuple[str, ...]:
    named = options.get(ANOTHER_BASE) or (base_url if "://" in base_url else "")
    return key_hosts(description, named)


def _resolved(base_url: str) -> ProviderKind:
    kind = kind_of_file(Path(base_url).expanduser())
    another = OptionField(ANOTHER_BASE, "Base address", "Another address than the description's.")
    return ProviderKind(**{**vars(kind), "options": (*kind.options, another)})


def _of_a_file(connection: Connection, key: Secret, http: Http) -> Described:
    return make(read_description(Path(connection.base_url).expanduser()), connection, key, http)


PROVIDER = ProviderKind(
    name="described",
    title="Any API, by description",
    base_url="",
    make=_of_a_file,
    resolve=_resolved,
)

RETELL, VAPI, ELEVENLABS = map(_shipped, ("retell", "vapi", "elevenlabs"))
