"""What every test stands on: a home of its own, real parts, and a watch over what it leaves behind."""

from __future__ import annotations

import inspect
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from parts import process, quiet, watch
from parts import secret_service as keychain
from parts import sound as card
from parts.display import Display, start_display
from parts.loop import Loop
from qa_player.files import Home

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from xdist.workermanage import WorkerController

TESTS = Path(__file__).parent
WITH_WINDOWS = (TESTS / "ui", TESTS / "e2e")
BENCHMARKS = TESTS / "benchmarks"

PRIVATE = Path(tempfile.mkdtemp(prefix="qa-player-"))
"""Everything outside of ``tmp_path`` that this run writes; short, because sockets lie in it."""

_folders = {
    "HOME": "home",
    "XDG_CONFIG_HOME": "home/config",
    "XDG_DATA_HOME": "home/data",
    "XDG_CACHE_HOME": "home/cache",
    "XDG_STATE_HOME": "home/state",
    "XDG_RUNTIME_DIR": "run",
}
_not_ours = ("QA_PLAYER_", "DISPLAY", "WAYLAND_", "QT_", "DBUS_", "PULSE_", "GNOME_", "LANG", "LC_")
_proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="also run the longer counts of the same promises")
    parser.addoption("--seed", type=int, default=4, help="another number makes other sound for the same promises")


def pytest_configure(config: pytest.Config) -> None:
    # a shell that starts this run in the background has Ctrl+C ignored, and every program started here would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _isolate()
    watch.guard_network()
    hypothesis.settings.register_profile("gate", deadline=None, print_blob=True)
    hypothesis.settings.register_profile("nightly", deadline=None, print_blob=True, max_examples=5_000)
    hypothesis.settings.load_profile("nightly" if config.getoption("nightly") else "gate")


def pytest_unconfigure() -> None:
    quiet.clear()
    shutil.rmtree(PRIVATE, ignore_errors=True)


def _isolate() -> None:
    """No file, display, keychain, sound card, proxy or language of the person who runs the tests is touched."""
    for name in tuple(os.environ):
        if name.startswith(_not_ours) or name.lower() in _proxies:
            del os.environ[name]
    for name, folder in _folders.items():
        (PRIVATE / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ[name] = str(PRIVATE / folder)
    os.environ |= {
        "LANG": "C.UTF-8",
        "QT_API": "pyside6",
        "QT_QPA_PLATFORM": "offscreen",
        "PULSE_SERVER": f"unix:{PRIVATE / 'pulse' / 'native'}",
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={PRIVATE / 'no-bus'}",
    }


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out: dict[str, list[pytest.Item]] = {"nightly": [], "benchmark": []}
    for item in items:
        fixtures = getattr(item, "fixturenames", [])
        if "sound" in fixtures:
            item.add_marker("sound")
        if "secret_service" in fixtures:
            item.add_marker("keychain")
        if inspect.iscoroutinefunction(getattr(item, "function", None)) and "loop" not in fixtures:
            fixtures.append("loop")
        if item.path.is_relative_to(BENCHMARKS) and not config.getoption("benchmark_only"):
            left_out["benchmark"].append(item)
        elif item.get_closest_marker("nightly") and not config.getoption("nightly"):
            left_out["nightly"].append(item)
    deselected = [item for group in left_out.values() for item in group]
    config.stash[_LEFT_OUT] = {name: len(group) for name, group in left_out.items()}
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if item not in deselected]


_LEFT_OUT = pytest.StashKey[dict[str, int]]()
_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl
def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several test processes tells the one that started it what was left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash.get(_LEFT_OUT, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    """Each process collects the same tests: the last one's word is everybody's."""
    node.config.stash[_LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    counts = config.stash.get(_LEFT_OUT, {})
    if counts.get("nightly"):
        terminalreporter.write_line(f"{counts['nightly']} nightly tests left out: python3 run.py test --nightly")
    if counts.get("benchmark"):
        terminalreporter.write_line(f"{counts['benchmark']} benchmarks left out: python3 run.py bench")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    """Outside of everything else, so that no time limit counts the wait."""
    with quiet.room_for(alone=item.get_closest_marker("sound") is not None):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test that is a coroutine runs on the test's `loop`."""
    if not inspect.iscoroutinefunction(pyfuncitem.function):
        return None
    wanted = inspect.signature(pyfuncitem.function).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in wanted}
    pyfuncitem.funcargs["loop"].run(pyfuncitem.function(**arguments))
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """What generated inputs are made from."""
    return int(request.config.getoption("--seed"))


@pytest.fixture(autouse=True)
def watched(request: pytest.FixtureRequest) -> Iterator[watch.UnexpectedLog]:
    """Fails the test for what it did unseen; see ``parts.watch``."""
    if request.path.is_relative_to(WITH_WINDOWS[0]) or request.path.is_relative_to(WITH_WINDOWS[1]):
        request.getfixturevalue("display")
    threads, windows = watch.threads(), watch.windows()
    watch.far_connections()
    with watch.unexpected_log() as log:
        yield log
    complaints = [*log.complaints(), *watch.threads_left(threads), *watch.far_connections()]
    left = watch.windows_left(windows)
    if not request.node.stash.get(_FAILED, False):
        # a failed test's traceback keeps its windows alive; that is not what it is to be told
        complaints += left
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


@pytest.fixture
def expect_log(watched: watch.UnexpectedLog) -> Callable[[str], AbstractContextManager[None]]:
    """``with expect_log("pattern"):`` a record of WARNING or above with ``pattern`` must come, and is no failure."""
    return watched.expect


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A throw-away home, made."""
    return Home(tmp_path / "home").make()


@pytest.fixture(scope="session")
def display() -> Display:
    """What all windows of this run are drawn on: Xvfb, or offscreen where there is none."""
    display = start_display(PRIVATE)
    os.environ |= display.environment
    return display


@pytest.fixture
def real_display(display: Display) -> Display:
    """For tests of real windows (focus, input, screenshots of the window system): skipped where there is no Xvfb."""
    if not display.real:
        pytest.skip(process.missing("Xvfb") or "no display")
    return display


@pytest.fixture(scope="session")
def sound_card() -> card.SoundCard | None:
    """The run's one sound card, started before Qt first looks for one; None without PulseAudio."""
    if process.missing(*card.PROGRAMS):
        return None
    sound_card = card.SoundCard(PRIVATE / "pulse")
    sound_card.start()
    os.environ |= sound_card.environment
    return sound_card


@pytest.fixture
def sound(sound_card: card.SoundCard | None) -> card.SoundCard:
    """A sound card whose output is recorded: ``with sound.record() as ear: …`` and then ``ear.heard``."""
    if sound_card is None:
        pytest.skip(process.missing(*card.PROGRAMS) or "no sound card")
    sound_card.start()
    return sound_card


@pytest.fixture
def secret_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[keychain.SecretService]:
    """A real, open and empty keychain; ``lock()``, ``freeze()`` and ``stop()`` make it locked, deaf and absent."""
    reason = process.missing(*keychain.PROGRAMS)
    if reason:
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(dir=PRIVATE) as folder:
        service = keychain.SecretService(Path(folder))
        service.start()
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)
        yield service
        service.stop()


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["qa-player"]


@pytest.fixture(scope="session")
def qapp(display: Display, sound_card: card.SoundCard | None, qapp: QApplication) -> QApplication:
    """The one application of this run; closing a window does not end its loop."""
    qapp.setQuitOnLastWindowClosed(False)
    return qapp


@pytest.fixture
def loop(request: pytest.FixtureRequest) -> Iterator[Loop]:
    """Runs the test's coroutines: Qt's loop in tests/ui and wherever ``qapp`` is used, asyncio's elsewhere.

    Tests may be coroutines themselves; fixtures use ``loop.run``. A task that is left running fails the test.
    """
    with_qt = "qapp" in request.fixturenames or request.path.is_relative_to(TESTS / "ui")
    loop = Loop(request.getfixturevalue("qapp") if with_qt else None)
    yield loop
    left = loop.close()
    if left and not request.node.stash.get(_FAILED, False):
        pytest.fail(f"left running: {', '.join(left)}", pytrace=False)
