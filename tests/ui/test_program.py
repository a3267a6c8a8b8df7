"""The program as a process: it paints first, a second start hands over and ends, and it stops cleanly in any state."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from parts.display import Display
from qa_player.demo.server import DemoServer
from qa_player.files import Home
from qa_player.ui.instance import Instance, socket_name

SECONDS = 40

STARTED = """
import asyncio, sys
from pathlib import Path
from types import SimpleNamespace
from qa_player.files import Home
from qa_player.model.start import Request, Start
from qa_player.ui import main

home, name, provider, base_url, key, what = sys.argv[1:7]
offered = SimpleNamespace(name=name, provider=provider, base_url=base_url, options={}, key=key)
demo = SimpleNamespace(connections=[offered]) if name else None
from qa_player.ui import program

class Watched(program.Program):
    async def serve(self):
        self.step = asyncio.get_running_loop().create_task(self.act())
        return await super().serve()

    async def until(self, condition):
        while not condition():
            await asyncio.sleep(0.01)

    async def act(self):
        if what == "refused":
            await self.until(lambda: self.window and "keychain" in self.window.panels.sessions.placeholder.text())
            print(self.window.panels.sessions.placeholder.text(), flush=True)
            self.shell.close()
            return
        await self.until(lambda: self.window and self.window.desk)
        print("ready", flush=True)
        desk, panels = self.window.desk, self.window.panels
        if what in ("play", "second", "write"):
            rows = panels.sessions.list.sessions
            await self.until(lambda: rows.rowCount() and rows.row(0))
            listed = [rows.row(at).session for at in range(rows.rowCount())]
            session = next(session for session in listed if session.title == "Cancel the add-on")
            if what == "write":
                desk.open_session(session.connection, session.session_id)
                await self.until(lambda: desk.playback.session)
                desk.marking.mark_moment()
                panels.annotations.editor.tag.setText("not kept yet")
                self.shell.close()
                await asyncio.sleep(0.2)
                print(panels.messages.text(), flush=True)
            elif what == "second":
                await self.until(lambda: desk.playback.session)
                print("opened", desk.playback.session.session_id, flush=True)
            else:
                desk.open_session(session.connection, session.session_id)
                await self.until(lambda: desk.playback.state.duration_ms)
                desk.playback.play()
                await self.until(lambda: desk.playback.position_ms > 100)
        if what != "stay":
            self.shell.close()

program.Program = Watched
sys.exit(main.run(Start(Home(Path(home)), None, demo)))
"""

SECOND = """
import sys
from pathlib import Path
from qa_player.files import Home
from qa_player.model.start import Request, Start
from qa_player.ui import main
sys.exit(main.run(Start(Home(Path(sys.argv[1])), Request(sys.argv[2], sys.argv[3], 1_000))))
"""


def started(home: Path, what: str, demo: DemoServer | None, display: Display) -> subprocess.Popen[str]:
    offered = demo.connections[0] if demo else None
    words = [offered.name, offered.provider, offered.base_url, offered.key] if offered else ["", "", "", ""]
    environment = os.environ | display.environment | {"QA_PLAYER_KEYCHAIN": "memory"}
    return subprocess.Popen(
        [sys.executable, "-c", STARTED, str(home), *words, what],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        out, err = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        pytest.fail(f"did not end within {SECONDS} s: {out} {err}", pytrace=False)
    return process.returncode, out, err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_the_window_opens_and_closes_with_status_0(folder: Path, display: Display) -> None:
    status, out, err = ended(started(folder, "close", None, display))
    assert (status, out) == (0, "ready\n"), err
    assert "Traceback" not in err


def test_closing_while_it_plays_ends_with_status_0(folder: Path, demo: DemoServer, display: Display) -> None:
    status, _, err = ended(started(folder, "play", demo, display))
    assert status == 0, err
    assert "Traceback" not in err


def test_a_home_whose_key_is_not_in_the_keychain_is_told_of_in_the_window(folder: Path, display: Display) -> None:
    status, _, err = ended(started(folder, "close", None, display))
    assert status == 0, err
    status, out, err = ended(started(folder, "refused", None, display))
    assert status == 0, err
    assert "is not in the keychain" in out


def test_words_that_are_not_kept_yet_are_pointed_out_once(folder: Path, demo: DemoServer, display: Display) -> None:
    status, out, err = ended(started(folder, "write", demo, display))
    assert status == 0, err
    assert "not kept yet" in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_it_with_status_0(folder: Path, display: Display, number: signal.Signals) -> None:
    process = started(folder, "stay", None, display)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    status, _, err = ended(process)
    assert status == 0, err


def test_a_second_start_hands_over_what_it_was_asked_for_and_ends(
    folder: Path, demo: DemoServer, display: Display
) -> None:
    first = started(folder, "second", demo, display)
    assert first.stdout is not None
    assert first.stdout.readline() == "ready\n"
    sample = demo.sample("Cancel the add-on")
    second = subprocess.run(
        [sys.executable, "-c", SECOND, str(folder), demo.connections[0].name, sample.session_id],
        env=os.environ | {"DISPLAY": ":none", "QT_QPA_PLATFORM": ""},
        timeout=SECONDS,
        check=False,
        capture_output=True,
    )
    assert second.returncode == 0, second.stderr
    status, out, err = ended(first)
    assert (status, out) == (0, f"opened {sample.session_id}\n"), err


def test_files_are_ours_alone_and_the_log_holds_no_key_and_no_address(
    folder: Path, demo: DemoServer, display: Display
) -> None:
    status, _, err = ended(started(folder, "play", demo, display))
    assert status == 0, err
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert {path.name: oct(mode) for path, mode in modes.items() if mode & 0o077} == {}
    log = (folder / "qa-player.log").read_text("utf-8")
    offered = demo.connections[0]
    for secret in (offered.key, offered.base_url, "127.0.0.1"):
        assert secret not in log


def test_a_lock_that_a_dead_process_left_is_no_hindrance(home: Home, display: Display) -> None:
    process = started(home.folder, "stay", None, display)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.kill()
    process.communicate()
    again = Instance(home.folder)
    assert again.first
    again.release()


def test_the_first_claim_holds_until_it_is_released(home: Home) -> None:
    first = Instance(home.folder)
    assert first.first
    assert stat.S_IMODE((home.folder / "window.lock").stat().st_mode) == 0o600
    program = "import sys; from pathlib import Path; from qa_player.ui.instance import Instance; "
    claim = [sys.executable, "-c", program + "sys.exit(Instance(Path(sys.argv[1])).first)", str(home.folder)]
    assert subprocess.run(claim, check=False).returncode == 0
    first.release()
    assert subprocess.run(claim, check=False).returncode == 1


def test_a_deep_folder_gets_a_short_name_for_its_socket() -> None:
    assert socket_name(Path("/h")) == "/h/window.socket"
    deep = socket_name(Path("/" + "d" * 200))
    assert "/" not in deep
    assert len(deep) < 60


def test_nothing_slow_is_loaded_before_the_first_paint() -> None:
    program = (
        "import sys, qa_player.ui.main\n"
        "slow = {'pydantic', 'sqlalchemy', 'av', 'numpy', 'httpx', 'asyncio', 'typer', 'keyring'}\n"
        "slow |= {'PySide6.QtMultimedia', 'PySide6.QtNetwork'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
