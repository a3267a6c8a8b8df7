"""A real Secret Service: gnome-keyring on a bus of its own, open, locked, frozen or gone."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from jeepney.io.blocking import DBusConnection, open_dbus_connection

from parts import process

PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon")

_BUS = """<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>"""


class SecretService:
    """One keychain in ``folder``, which must be short enough for a socket's name (some 80 characters)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "bus"
        self._bus: subprocess.Popen[bytes] | None = None
        self._daemon: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a program must find in its environment to use this keychain."""
        return {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={self._socket}"}

    def start(self) -> None:
        """Start the bus and an unlocked keyring; what it kept before is still there."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        configuration = self._folder / "bus.conf"
        configuration.write_text(_BUS.format(socket=self._socket))
        reading, writing = os.pipe()
        self._bus = process.start(
            ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile", f"--print-address={writing}"],
            log=self._folder / "bus.log",
            pass_fds=[writing],
        )
        os.close(writing)
        try:
            process.first_line(reading, seconds=10, of="dbus-daemon")
        finally:
            os.close(reading)
        self._start_keyring()

    def _start_keyring(self) -> None:
        private = str(self._folder)
        self._daemon = process.start(
            ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"],
            environment={
                **os.environ,
                **self.environment,
                "HOME": private,
                "XDG_DATA_HOME": private,
                "XDG_RUNTIME_DIR": private,
            },
            log=self._folder / "keyring.log",
            stdin=subprocess.PIPE,
        )
        assert self._daemon.stdin is not None
        self._daemon.stdin.write(b"test-pass")
        self._daemon.stdin.close()
        deadline = time.monotonic() + 10
        while not self._collections_are_open():
            assert time.monotonic() < deadline, "gnome-keyring did not open within 10 s"
            time.sleep(0.02)

    def lock(self) -> None:
        """Lock the keyring, as when the screen was locked; opening it again would need a person."""
        import secretstorage

        with self._connection() as connection:
            for collection in secretstorage.get_all_collections(connection):
                collection.lock()

    def freeze(self) -> None:
        """Let the keyring take calls and never answer; `stop` ends it all the same."""
        assert self._daemon is not None
        self._daemon.send_signal(signal.SIGSTOP)

    def stop(self) -> None:
        """Take the keychain and its bus away."""
        for part in (self._daemon, self._bus):
            if part is not None:
                process.stop(part)
        self._daemon = self._bus = None

    def _connection(self) -> DBusConnection:
        return open_dbus_connection(bus=self.environment["DBUS_SESSION_BUS_ADDRESS"])

    def _collections_are_open(self) -> bool:
        import secretstorage
        from secretstorage.exceptions import SecretStorageException

        try:
            with self._connection() as connection:
                # asked by name: asking for the default one would have it made, and that waits for a person
                collections = {each.get_label(): each for each in secretstorage.get_all_collections(connection)}
                return "Login" in collections and not collections["Login"].is_locked()
        except SecretStorageException:
            return False
