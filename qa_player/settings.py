"""Settings, declared once: typed, bounded, kept as TOML under the home."""

from __future__ import annotations

import os
import tomllib
from typing import Annotated, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa_player.errors import UsageError
from qa_player.files import Home, storage_errors, write_whole

SETTINGS_VERSION = 1

Layout = Literal["review", "visit", "audit"]


class Settings(BaseModel):
    """What a person may change. A missing file means all defaults; unknown names are kept out with a sentence."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    version: Literal[1] = 1
    display_name: Annotated[str, Field(max_length=200)] = ""
    theme: Literal["system", "light", "dark"] = "system"
    proxy: Annotated[str, Field(max_length=2_000)] = "system"
    """``system``, ``off`` or an address."""
    output_latency_ms: Annotated[int, Field(ge=0, le=1_000)] = 10
    """How long after the sink's count a sample is heard; Bluetooth needs 100 to 300."""
    output_device: Annotated[str, Field(max_length=500)] = ""
    """The system's own name of a sound device; empty for whichever it prefers, as while the named one is absent."""
    speed: Annotated[float, Field(ge=0.5, le=3.0)] = 1.0
    follow: bool = True
    layout: Layout = "review"
    scorecard_form: Annotated[str, Field(max_length=100)] = ""
    """The id of the form that was answered last; empty: the first there is."""
    tag_set: Annotated[str, Field(max_length=100)] = ""
    """The id of the tag set in force; empty: the usual one."""
    slow_answer_ms: Annotated[int, Field(ge=100, le=60_000)] = 2_000
    """From when on an answer counts as slow."""
    reaction_ms: Annotated[int, Field(ge=0, le=3_000)] = 400
    """How long after hearing something the person presses: a stretch marked by holding a key begins so much earlier."""
    relay_listen: Annotated[str, Field(max_length=300)] = "127.0.0.1:8700"
    relay_public_url: Annotated[str, Field(max_length=2_000)] = ""
    relay_certificate: Annotated[str, Field(max_length=4_000)] = ""
    relay_key: Annotated[str, Field(max_length=4_000)] = ""
    """Where the relay was last started from the window, and the paths of its certificate and key; it never starts by
    itself."""
    filters: Annotated[dict[str, Annotated[str, Field(max_length=5_000)]], Field(max_length=100)] = {}
    """Kept filters of the list of sessions by their names, each as JSON."""
    cache_limit_mb: Annotated[int, Field(ge=100, le=10_000_000)] = 20_000
    window_geometry: Annotated[str, Field(max_length=10_000)] = ""


def read_settings(home: Home) -> Settings:
    """The settings of ``home``; raises UsageError naming the field that cannot be used."""
    try:
        with storage_errors():
            text = home.settings_file.read_text("utf-8") if home.settings_file.exists() else ""
        return Settings.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise UsageError(
            "The settings file is not TOML.", f"Mend or delete {home.settings_file.name} in the program's folder."
        ) from None
    except ValidationError as refused:
        fields = ", ".join(".".join(map(str, error["loc"])) for error in refused.errors(include_input=False))
        raise UsageError(
            f"The settings file has values that cannot be used: {fields}.",
            f"Mend or delete {home.settings_file.name} in the program's folder.",
        ) from None


def write_settings(home: Home, settings: Settings) -> None:
    """Keep what differs from the defaults; comments a person wrote into the file stay. Raises StorageError."""
    import tomlkit

    with storage_errors():
        text = home.settings_file.read_text("utf-8") if home.settings_file.exists() else ""
    document = tomlkit.parse(text)
    defaults = Settings()
    for field in Settings.model_fields:
        value = getattr(settings, field)
        if value != getattr(defaults, field):
            document[field] = value
        elif field in document:
            del document[field]
    write_whole(home.settings_file, tomlkit.dumps(document).encode())


def refuse_team_store() -> None:
    """Raise UsageError when the environment names a team's database: what is kept here alone would look shared."""
    address = os.environ.get("QA_PLAYER_STORE", "")
    if not address:
        return
    try:
        parts = urlsplit(address)
        with_password = parts.password is not None or "password" in parse_qs(parts.query, keep_blank_values=True)
    except ValueError:
        with_password = False
    if with_password:
        raise UsageError("QA_PLAYER_STORE has a password in its address.", "Take the password out of it.")
    raise UsageError(
        "QA_PLAYER_STORE names a team's database, which this version cannot use yet.",
        "Take the variable away to work with the database of this computer.",
    )
