"""Commands on a disk that is full: ``python -m parts.full_command FOLDER QA_PLAYER`` prints one JSON report.

The key comes on standard input, the provider's address in ``ADDRESS``. Runs inside `parts.small_disk`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from parts.full_store import fill, refuses_a_plain_file


def main() -> None:
    folder, program = Path(sys.argv[1]), sys.argv[2]
    home = folder / "home"
    surroundings = {**os.environ, "QA_PLAYER_HOME": str(home)}

    def run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments], env=surroundings, input=typed, capture_output=True, text=True, check=False
        )

    def told(*arguments: str) -> dict[str, Any]:
        ended = run(*arguments, "--json")
        words = ended.stderr.splitlines()
        kind = json.loads(words[-1])["error"]["kind"] if ended.returncode else None
        return {"status": ended.returncode, "kind": kind, "words": words}

    session = ("acme", "sess_000001")
    address = ("--provider", "oshara", "--base-url", os.environ["ADDRESS"])
    added = run("connection", "add", "acme", *address, "--key-stdin", typed=sys.stdin.read())
    assert added.returncode == 0, added.stderr
    kept = run("annotate", *session, "--start", "0", "--tag", "kept", "--json")
    assert kept.returncode == 0, kept.stderr
    filler = fill(folder, leave_kib=8)
    report: dict[str, Any] = {
        "annotate": told("annotate", *session, "--start", "1", "--tag", "lost", "--text", "x" * 50_000),
        "export": told("export", *session, "--format", "json", "--out", str(folder / "review.json")),
        "fetch": told("fetch", *session, "--out", str(folder / "call.wav")),
        "really_full": refuses_a_plain_file(folder),
    }
    filler.unlink()
    report["left"] = [path.name for path in folder.iterdir() if path != home]
    report["left"] += [path.name for path in home.rglob(".qa-player-*")]
    report["saved"] = ["kept"]
    report["annotations"] = [row["tag"] for row in json.loads(run("annotations", *session, "--json").stdout)]
    report["verify"] = run("audit", "verify").returncode
    report["again"] = told("fetch", *session, "--out", str(folder / "call.wav"))["status"]
    print(json.dumps(report))  # noqa: T201


if __name__ == "__main__":
    main()
