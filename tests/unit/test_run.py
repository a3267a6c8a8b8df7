"""Two commands on a fresh machine: what run.py looks for, what it says, and that it heals what was left half done."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest
from bootstrap import environment, steps, system
from bootstrap.environment import Python
from bootstrap.system import MANAGERS, Need

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / "run.py", *sorted((ROOT / "packaging" / "bootstrap").glob("*.py"))]


class TestOldPythons:
    @pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
    def test_the_syntax_is_that_of_3_6(self, source: Path) -> None:
        ast.parse(source.read_text("utf-8"), feature_version=(3, 6))

    @pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
    def test_nothing_is_used_that_came_later(self, source: Path) -> None:
        later = ("from __future__ import annotations", "capture_output", "text=True", ":=", "removeprefix", "match ")
        assert [word for word in later if word in source.read_text("utf-8")] == []

    @pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
    def test_only_the_standard_library_is_imported(self, source: Path) -> None:
        nodes = list(ast.walk(ast.parse(source.read_text("utf-8"))))
        names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
        assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names | {"bootstrap"}


class TestWhatTheMachineLacks:
    def test_this_machine_has_every_library_since_qt_runs_on_it(self) -> None:
        assert system.missing(system.LIBRARIES) == []

    def test_a_library_that_does_not_load_is_missing(self) -> None:
        assert not Need("libqa-player-was-never.so.7", []).is_there()

    def test_what_is_missing_is_told_apart_from_what_is_there(self) -> None:
        def load(name: str) -> object:
            if name.startswith("libxcb-cursor"):
                raise OSError
            return object()

        missing = system.missing(system.LIBRARIES, lambda need: need.is_there(load=load))
        assert [need.probe for need in missing] == ["libxcb-cursor.so.0"]

    def test_programs_are_looked_for_by_name(self) -> None:
        missing = system.missing(system.TEST_PARTS, lambda need: need.is_there(which=lambda name: None))
        assert {"Xvfb", "pulseaudio", "parec", "gnome-keyring-daemon", "ffmpeg"} <= {need.probe for need in missing}

    def test_every_need_has_a_package_for_every_manager(self) -> None:
        everything = system.LIBRARIES + system.CERTIFICATES + system.TEST_PARTS
        needs = system.missing(everything, lambda need: False)
        assert {len(need.packages) for need in needs} == {len(MANAGERS)}

    def test_one_line_for_each_manager_names_everything_once(self) -> None:
        needs = system.missing(system.LIBRARIES, lambda need: False)
        lines = system.install_lines(needs, as_root=False)
        assert [line.split()[:2] for line in lines] == [
            ["sudo", "apt-get"],
            ["sudo", "dnf"],
            ["sudo", "pacman"],
            ["sudo", "zypper"],
        ]
        for line in lines:
            assert len(set(line.split())) == len(line.split())
            assert "|" not in line
        assert "libxcb-cursor0" in lines[0]
        assert "libgl1" in lines[0]

    def test_root_is_not_told_to_use_sudo(self) -> None:
        needs = system.missing(system.LIBRARIES, lambda need: False)
        assert all("sudo" not in line for line in system.install_lines(needs, as_root=True))


class TestDisplay:
    @pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
    def test_any_of_three_names_will_do(self, name: str) -> None:
        assert system.has_display({name: "x"}, "linux")

    def test_none_of_them_is_no_display_on_linux_alone(self) -> None:
        assert not system.has_display({"DISPLAY": ""}, "linux")
        assert system.has_display({}, "darwin")
        assert system.has_display({}, "win32")


class TestPythons:
    @staticmethod
    def choose(**known: Python) -> Python | None:
        def ask(command: Sequence[str]) -> Python | None:
            return known.get(command[0].rpartition("/")[2].replace(".", "_"))

        return environment.find_python(ask)

    def test_the_newest_that_fits_is_taken(self) -> None:
        old, new = Python("/old", (3, 11), True), Python("/new", (3, 13), True)
        assert self.choose(python3_11=old, python3_13=new) == new

    def test_one_that_can_make_environments_goes_first(self) -> None:
        whole, half = Python("/whole", (3, 11), True), Python("/half", (3, 13), False)
        assert self.choose(python3_13=half, python3=whole) == whole
        assert self.choose(python3_13=half) == half

    def test_others_do_not_count(self) -> None:
        assert self.choose(python3=Python("/old", (3, 10), True), python=Python("/new", (3, 14), True)) is None

    def test_the_running_one_is_asked_for_real(self) -> None:
        asked = environment.ask_python([sys.executable])
        assert asked is not None
        assert asked.version == sys.version_info[:2]
        assert Path(asked.path).exists()

    def test_a_hollow_shim_is_no_python(self, tmp_path: Path) -> None:
        shim = tmp_path / "python3.13"
        shim.write_text("#!/bin/sh\necho 'python3.13: command not found' >&2\nexit 127\n")
        shim.chmod(0o755)
        assert environment.ask_python([str(shim)]) is None
        assert environment.ask_python([str(tmp_path / "absent")]) is None


class TestWords:
    def test_the_reason_of_a_failure_names_no_host(self) -> None:
        words = textwrap.dedent("""\
            Looking in indexes: https://user:pass@mirror.example.org/simple
            WARNING: Retrying: HTTPSConnectionPool(host='mirror.example.org', port=443)
            ERROR: No matching distribution for pyside6==6.11.3 at https://mirror.example.org/ (mirror.example.org)
            """)
        said = steps.reason(words)
        assert "No matching distribution for pyside6==6.11.3" in said
        assert "example" not in said
        assert "user" not in said

    def test_without_an_error_there_is_no_reason(self) -> None:
        assert steps.reason("all is well\n") == ""


BACKEND = """
import zipfile
from pathlib import Path

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "small-1-py3-none-any.whl"
    with zipfile.ZipFile(Path(folder, name), "w") as wheel:
        wheel.writestr("small.pth", str(Path(__file__).parent))
        info = "small-1.dist-info"
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/entry_points.txt", "[console_scripts]\\nqa-player = backend:main\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name

def main():
    print("started")
    return 3
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of something small, with run.py, an empty lock and a build backend of its own: needs no network."""
    folder = tmp_path_factory.mktemp("run") / "check out"
    folder.mkdir()
    shutil.copy(ROOT / "run.py", folder)
    shutil.copytree(
        ROOT / "packaging" / "bootstrap",
        folder / "packaging" / "bootstrap",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (folder / "backend.py").write_text(BACKEND)
    (folder / "requirements.lock").write_text("")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "small"\nversion = "1"\n'
    )
    first = start(folder, "sessions")
    assert (first.returncode, first.stdout) == (3, "started\n"), first.stderr
    assert "Making .venv" in first.stderr
    assert "://" not in first.stderr
    return folder


def start(checkout: Path, *arguments: str, display: str = ":9") -> subprocess.CompletedProcess[str]:
    # without uv, so that the slower and commoner way is the one that is shown
    folders = [folder for folder in os.environ["PATH"].split(":") if not Path(folder, "uv").exists()]
    environment = {**os.environ, "PATH": ":".join(folders), "PIP_NO_INDEX": "1", "DISPLAY": display}
    environment.pop("QT_QPA_PLATFORM")
    return subprocess.run(
        [sys.executable, "run.py", *arguments],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


class TestStarting:
    def test_a_second_start_has_nothing_to_say(self, checkout: Path) -> None:
        second = start(checkout)
        assert (second.returncode, second.stdout, second.stderr) == (3, "started\n", "")

    def test_a_window_without_a_display_is_refused_with_a_way_out(self, checkout: Path) -> None:
        refused = start(checkout, display="")
        assert refused.returncode == 10
        assert "xvfb-run" in refused.stderr
        assert "demo --headless" in refused.stderr
        assert refused.stdout == ""
        assert start(checkout, "demo", "--headless", display="").returncode == 3

    def test_a_folder_that_cannot_be_written_is_a_sentence(self, checkout: Path, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        shutil.copytree(checkout, elsewhere, ignore=shutil.ignore_patterns(".venv"))
        (elsewhere / ".venv").write_text("a file where the folder is to be")
        refused = start(elsewhere)
        assert refused.returncode == 1
        assert "cannot be written" in refused.stderr
        assert "Traceback" not in refused.stderr

    def test_an_environment_left_half_done_is_made_anew(self, checkout: Path) -> None:
        (checkout / ".venv" / "qa-player-unfinished").write_text("")
        shutil.rmtree(next((checkout / ".venv" / "lib").glob("python*")))
        healed = start(checkout)
        assert (healed.returncode, healed.stdout) == (3, "started\n"), healed.stderr

    def test_a_moved_one_and_a_package_that_cannot_be_had(self, checkout: Path) -> None:
        moved = checkout.rename(checkout.with_name("moved"))
        (moved / "requirements.lock").write_text(f"absent==1 --hash=sha256:{'0' * 64}\n")
        failed = start(moved)
        assert failed.returncode == 1
        assert "No matching distribution found for absent==1" in failed.stderr
        assert "Traceback" not in failed.stderr

        (moved / "requirements.lock").write_text("")
        healed = start(moved)
        assert (healed.returncode, healed.stdout) == (3, "started\n"), healed.stderr
        programs = [path for path in (moved / ".venv" / "bin").iterdir() if path.is_file() and not path.is_symlink()]
        assert [path.name for path in programs if str(checkout) in path.read_text("utf-8")] == []
