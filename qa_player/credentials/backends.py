"""Which of keyring's backends may hold our keys, and how the one for this system is chosen."""

from __future__ import annotations

import configparser
import contextlib
import importlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qa_player.credentials.trouble import absent

_ALLOWED = (
    ("keyring.backends.macOS.Keyring",)
    if sys.platform == "darwin"
    else ("keyring.backends.Windows.WinVaultKeyring",)
    if sys.platform == "win32"
    else (
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
    )
)
"""Only this system's: finding out that another's does not work here costs every command a tenth of its time."""


def safe_backend() -> Any:
    """The allowed backend that suits this system best; raises KeychainError naming what was refused."""
    suited = []
    for name in _ALLOWED:
        module, _, kind = name.rpartition(".")
        try:
            backend_class = getattr(importlib.import_module(module), kind)
            suited.append((float(backend_class.priority), backend_class))
        except Exception:  # noqa: S112 -- keyring says "not on this system" with whatever exception comes to hand
            continue
    if not suited:
        raise absent(refused=next(_refused_names(), None))
    backend = max(suited, key=lambda pair: pair[0])[1]()
    _drop_outside_properties(backend)
    return backend


def _drop_outside_properties(backend: object) -> None:
    """Undo KEYRING_PROPERTY_… of the environment, which keyring copies onto every backend it makes."""
    for name in os.environ:
        before, found, rest = name.partition("KEYRING_PROPERTY_")
        if found and not before:
            vars(backend).pop(rest.lower(), None)


def _refused_names() -> Iterator[str]:
    """What keyring itself would have used here, by name; none of it is imported."""
    from importlib.metadata import entry_points

    named = [os.environ.get("PYTHON_KEYRING_BACKEND", "")]
    with contextlib.suppress(Exception):
        from keyring.util import platform_

        config = configparser.RawConfigParser()
        config.read(Path(platform_.config_root()) / "keyringrc.cfg", encoding="utf-8")
        named.append(config.get("backend", "default-keyring", fallback=""))
    named += [point.value for point in entry_points(group="keyring.backends")]
    for name in named:
        printable = re.sub(r"[^\w.:-]", "", name)[:80]
        if printable and printable not in _ALLOWED and (name in named[:2] or not name.startswith("keyring.backends.")):
            yield printable


def is_locked(backend: object) -> bool:
    """Whether a Secret Service holds its default collection locked; no other backend can be asked without a prompt."""
    if type(backend).__module__ != "keyring.backends.SecretService":
        return False
    import secretstorage

    with contextlib.closing(secretstorage.dbus_init()) as bus:
        return bool(secretstorage.get_default_collection(bus).is_locked())
