"""What a request carries: JSON or a form, held as a secret since there may be a password in it."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qa_player.model.secret import Secret


@dataclass(frozen=True)
class Content:
    """The body of a request and its type."""

    mime: str
    text: Secret


def json_object(fields: Mapping[str, Any]) -> Content:
    """``fields`` as JSON, their secrets spelled out."""
    return Content("application/json", Secret(json.dumps(fields, default=Secret.reveal)))


def form(fields: Mapping[str, Secret]) -> Content:
    """``fields`` as a form sends them."""
    plain = {name: secret.reveal() for name, secret in fields.items()}
    return Content("application/x-www-form-urlencoded", Secret(urllib.parse.urlencode(plain)))
