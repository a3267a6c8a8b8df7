"""Keys in a real keychain: kept, read back, removed; and a sentence for every way a keychain can fail."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from parts.secret_service import SecretService
from qa_player.credentials import Keychain, MemoryKeychain, SystemKeychain
from qa_player.errors import KeychainError, UsageError
from qa_player.model.secret import Secret

LONG = "ey" + "long-token-é😀." * 800
SHORT = "sk_canary-7Zq/+=4f1e"

NULL = "keyring.backends.null.Keyring"
UNSAFE = [
    NULL,
    "keyring.backends.fail.Keyring",
    "keyring.backends.chainer.ChainerBackend",
    "keyrings.alt.file.PlaintextKeyring",
]


@pytest.fixture
def keychain(tmp_path: Path) -> SystemKeychain:
    return SystemKeychain(tmp_path / "secrets")


async def state_of(keychain: Keychain, *, also: str = "") -> str:
    """The state in which all three calls fail, each within five seconds and with a sentence and a next step."""
    states = set()
    for call in (lambda: keychain.get("a"), lambda: keychain.set("a", Secret(SHORT)), lambda: keychain.delete("a")):
        began = time.monotonic()
        with pytest.raises(KeychainError) as raised:
            await call()
        assert time.monotonic() - began < 6
        assert raised.value.message.endswith(".")
        assert raised.value.next_step
        assert also in raised.value.message
        assert SHORT not in repr(raised.value)
        assert raised.value.__context__ is None, "the library's error may hold anything"
        states.add(raised.value.state)
    assert len(states) == 1
    return states.pop()


@pytest.mark.parametrize("text", [SHORT, LONG, "x" * 1_000, "x" * 1_001, "qa-player-sealed-1:mine", "ünï😀"])
async def test_what_is_kept_is_read_back(
    keychain: SystemKeychain, secret_service: SecretService, tmp_path: Path, text: str
) -> None:
    await keychain.set("here", Secret(text))
    again = SystemKeychain(tmp_path / "secrets")
    assert await again.get("here") == Secret(text)
    assert await again.get("there") is None
    await again.delete("here")
    assert await keychain.get("here") is None
    await keychain.delete("here")
    assert list((tmp_path / "secrets").glob("*")) == []


async def test_long_secrets_lie_sealed(keychain: SystemKeychain, secret_service: SecretService, tmp_path: Path) -> None:
    await keychain.set("here", Secret(LONG))
    (sealed,) = (tmp_path / "secrets").iterdir()
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert b"long-token" not in sealed.read_bytes()
    assert LONG.encode()[:40] not in b"".join(
        path.read_bytes()
        for path in Path(secret_service.environment["DBUS_SESSION_BUS_ADDRESS"][10:]).parent.rglob("*")
        if path.is_file()
    )


async def test_a_key_may_change_its_length(
    keychain: SystemKeychain, secret_service: SecretService, tmp_path: Path
) -> None:
    for text in (SHORT, LONG, LONG + "!", SHORT):
        await keychain.set("here", Secret(text))
        assert await keychain.get("here") == Secret(text)
    assert list((tmp_path / "secrets").iterdir()) == []


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"x" * 100)])
async def test_a_sealed_file_that_is_lost_is_told(
    keychain: SystemKeychain, secret_service: SecretService, tmp_path: Path, damage: object
) -> None:
    await keychain.set("here", Secret(LONG))
    (sealed,) = (tmp_path / "secrets").iterdir()
    damage(sealed)  # type: ignore[operator]
    with pytest.raises(KeychainError) as raised:
        await keychain.get("here")
    assert raised.value.state == "missing"
    await keychain.set("here", Secret(LONG))
    assert await keychain.get("here") == Secret(LONG)


async def test_a_key_no_keychain_can_keep(keychain: SystemKeychain, secret_service: SecretService) -> None:
    with pytest.raises(UsageError):
        await keychain.set("here", Secret("a\ud800"))
    assert await keychain.get("here") is None


async def test_locked(keychain: SystemKeychain, secret_service: SecretService) -> None:
    await keychain.set("a", Secret(SHORT))
    secret_service.lock()
    assert await state_of(keychain) == "locked"


async def test_hanging(secret_service: SecretService, tmp_path: Path) -> None:
    await SystemKeychain(tmp_path).set("a", Secret(SHORT))
    keychain = SystemKeychain(tmp_path, limit_s=0.5)
    secret_service.freeze()
    assert await state_of(keychain, also="did not answer") == "hanging"


async def test_the_loop_goes_on_while_a_keychain_hangs(secret_service: SecretService, tmp_path: Path) -> None:
    keychain = SystemKeychain(tmp_path, limit_s=0.5)
    secret_service.freeze()
    asking = asyncio.create_task(keychain.get("a"))
    turns = 0
    while not asking.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert isinstance(asking.exception(), KeychainError)
    assert turns > 10


async def test_absent(keychain: SystemKeychain) -> None:
    """The run's own bus address leads to no bus."""
    assert await state_of(keychain) == "absent"


@pytest.mark.parametrize("name", UNSAFE)
async def test_what_does_not_protect_is_refused_by_name(
    keychain: SystemKeychain, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    assert await state_of(keychain, also=name) == "refused_backend"


async def test_an_unsafe_choice_of_the_environment_is_ignored(
    keychain: SystemKeychain, secret_service: SecretService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", NULL)
    monkeypatch.setenv("KEYRING_PROPERTY_APPID", "somebody else")
    monkeypatch.setenv("KEYRING_PROPERTY_GET_PASSWORD", "no function")
    await keychain.set("here", Secret(SHORT))
    assert await keychain.get("here") == Secret(SHORT)


async def test_keyrings_own_configuration_puts_nothing_on_the_import_path(
    keychain: SystemKeychain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / "trapped.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\n")
    config = tmp_path / "config" / "python_keyring"
    config.mkdir(parents=True)
    (config / "keyringrc.cfg").write_text(f"[backend]\ndefault-keyring=trapped.Keyring\nkeyring-path={trap}\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert await state_of(keychain, also="trapped.Keyring") == "refused_backend"
    assert str(trap) not in sys.path
    assert not (tmp_path / "sprung").exists()
    # the control: keyring left to itself does spring it
    program = "import keyring; keyring.get_keyring()"
    subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, env=dict(os.environ))
    assert (tmp_path / "sprung").exists()


def test_a_keychain_that_hangs_does_not_keep_the_program(secret_service: SecretService, tmp_path: Path) -> None:
    secret_service.freeze()
    program = (
        "import asyncio, sys, pathlib\n"
        "from qa_player.credentials import SystemKeychain\n"
        "from qa_player.errors import KeychainError\n"
        f"keychain = SystemKeychain(pathlib.Path({str(tmp_path)!r}), limit_s=0.5)\n"
        "try:\n    asyncio.run(keychain.get('a'))\n"
        "except KeychainError as error:\n    print(error.state)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=20)
    assert ended.stdout == "hanging\n"


def test_several_loops_may_use_one(secret_service: SecretService, tmp_path: Path) -> None:
    keychain = SystemKeychain(tmp_path / "secrets")

    async def keep(number: int) -> None:
        await asyncio.gather(*(keychain.set(f"{number}.{each}", Secret(f"s{number}.{each}")) for each in range(5)))

    async def read() -> list[Secret | None]:
        return [await keychain.get(f"{number}.{each}") for number in range(3) for each in range(5)]

    import threading

    threads = [threading.Thread(target=asyncio.run, args=(keep(number),)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asyncio.run(read()) == [Secret(f"s{number}.{each}") for number in range(3) for each in range(5)]


async def test_memory_forgets_with_the_process() -> None:
    keychain: Keychain = MemoryKeychain()
    await keychain.set("here", Secret(SHORT))
    assert await keychain.get("here") == Secret(SHORT)
    await keychain.delete("here")
    await keychain.delete("here")
    assert await keychain.get("here") is None
    assert await MemoryKeychain().get("here") is None


def test_keyring_is_not_loaded_before_it_is_needed() -> None:
    program = "import sys, qa_player.credentials; sys.exit('keyring' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
