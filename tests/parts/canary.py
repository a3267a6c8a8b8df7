"""Looking for secrets: in every spelling they could have, in files, output, and what other processes can see."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus


def spellings(secret: str) -> dict[str, bytes]:
    """Each way in which ``secret`` could lie about, by name; base64 has three, one for each place it may begin."""
    plain = secret.encode()
    spelled = {
        "as it is": plain,
        "reversed": plain[::-1],
        "in an address": quote(secret, safe="").encode(),
        "in an address, slashes kept": quote(secret).encode(),
        "in a form": quote_plus(secret).encode(),
        "in JSON": json.dumps(secret)[1:-1].encode(),
        "in JSON with slashes escaped": json.dumps(secret)[1:-1].replace("/", "\\/").encode(),
        "in UTF-16": secret.encode("utf-16-le"),
        "in UTF-16, the other way": secret.encode("utf-16-be"),
        "in hex": plain.hex().encode(),
        "in HEX": plain.hex().upper().encode(),
        "as repr": repr(plain)[2:-1].encode(),
    }
    for begins in range(3):
        # what the neighbours decide is left off at both ends
        padded = b"\0" * begins + plain
        whole = base64.b64encode(padded[: len(padded) // 3 * 3]).decode()[4 if begins else 0 :]
        spelled[f"in base64 at {begins}"] = whole.encode()
        spelled[f"in base64 for addresses at {begins}"] = whole.translate(str.maketrans("+/", "-_")).encode()
    if len(secret) % 2 == 0 and set(secret) <= set("0123456789abcdef"):
        spelled["as the bytes it spells"] = bytes.fromhex(secret)
    return spelled


class Canaries:
    """Secrets that must be found nowhere."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._needles = {
            f"{secret[:6]}… {name}": spelled for secret in secrets for name, spelled in spellings(secret).items()
        }

    def in_bytes(self, data: bytes) -> list[str]:
        """The names of what is found in ``data``."""
        return [name for name, needle in self._needles.items() if needle in data]

    def in_folder(self, folder: Path) -> list[str]:
        """What is found in the files under ``folder``, and in their names."""
        found = []
        for path in folder.rglob("*"):
            found += [f"name of {path.name}: {name}" for name in self.in_bytes(str(path.relative_to(folder)).encode())]
            if path.is_file():
                found += [f"{path.name}: {name}" for name in self.in_bytes(path.read_bytes())]
        return found

    def in_text_of(self, seen: Mapping[str, bytes]) -> list[str]:
        """What is found in things that have a name."""
        return [f"{where}: {name}" for where, data in seen.items() for name in self.in_bytes(data)]


@contextlib.contextmanager
def watched(running: subprocess.Popen[bytes]) -> Iterator[dict[str, bytes]]:
    """What others can see of a process and its children while the block lasts: arguments and environment."""
    seen: dict[str, bytes] = {}
    over = threading.Event()

    def look(pid: int) -> None:
        for part in ("cmdline", "environ"):
            with contextlib.suppress(OSError):
                data = Path(f"/proc/{pid}/{part}").read_bytes()
                seen[f"{part} of {pid} ({len(data)})"] = data
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                for child in (task / "children").read_text().split():
                    look(int(child))

    def go_on_looking() -> None:
        while not over.wait(0.02):
            look(running.pid)

    looking = threading.Thread(target=go_on_looking)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()
