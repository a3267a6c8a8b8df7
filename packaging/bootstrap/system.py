"""What this machine must have beside Python: which libraries, fonts and programs, and how to install them."""

import ctypes
import os
import shutil
import sys
from typing import Callable, List, Mapping, NamedTuple, NoReturn, Optional, Sequence, Tuple

from bootstrap.steps import run, say

LACKING = 10
"""The exit status for a machine that lacks something we may not install."""

PYTHON = "Python 3.13, 3.12 or 3.11 with its venv module"

# What Qt's wheels load from the system: probe, then the package on Debian and Ubuntu, Fedora, Arch, openSUSE.
# Of names joined by | the first one that the release knows is meant.
LIBRARIES = """
libglib-2.0.so.0       libglib2.0-0t64|libglib2.0-0  glib2                 glib2                libglib-2_0-0
libGL.so.1             libgl1                        libglvnd-glx          libglvnd             libglvnd
libEGL.so.1            libegl1                       libglvnd-egl          libglvnd             libglvnd
libxkbcommon.so.0      libxkbcommon0                 libxkbcommon          libxkbcommon         libxkbcommon0
libdbus-1.so.3         libdbus-1-3                   dbus-libs             dbus                 libdbus-1-3
libfontconfig.so.1     libfontconfig1                fontconfig            fontconfig           libfontconfig1
libfreetype.so.6       libfreetype6                  freetype              freetype2            libfreetype6
libbrotlidec.so.1      libbrotli1                    libbrotli             brotli               libbrotlidec1
libgssapi_krb5.so.2    libgssapi-krb5-2              krb5-libs             krb5                 krb5
libpulse.so.0          libpulse0                     pulseaudio-libs       libpulse             libpulse0
libX11-xcb.so.1        libx11-xcb1                   libX11-xcb            libx11               libX11-xcb1
libXrandr.so.2         libxrandr2                    libXrandr             libxrandr            libXrandr2
libXext.so.6           libxext6                      libXext               libxext              libXext6
libdrm.so.2            libdrm2                       libdrm                libdrm               libdrm2
libxcb-cursor.so.0     libxcb-cursor0                xcb-util-cursor       xcb-util-cursor      libxcb-cursor0
libxkbcommon-x11.so.0  libxkbcommon-x11-0            libxkbcommon-x11      libxkbcommon-x11     libxkbcommon-x11-0
libxcb-icccm.so.4      libxcb-icccm4                 xcb-util-wm           xcb-util-wm          libxcb-icccm4
libxcb-image.so.0      libxcb-image0                 xcb-util-image        xcb-util-image       libxcb-image0
libxcb-keysyms.so.1    libxcb-keysyms1               xcb-util-keysyms      xcb-util-keysyms     libxcb-keysyms1
libxcb-randr.so.0      libxcb-randr0                 libxcb                libxcb               libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0          xcb-util-renderutil   xcb-util-renderutil  libxcb-render-util0
libxcb-shape.so.0      libxcb-shape0                 libxcb                libxcb               libxcb-shape0
libxcb-xkb.so.1        libxcb-xkb1                   libxcb                libxcb               libxcb-xkb1
fonts                  fonts-dejavu-core             dejavu-sans-fonts     ttf-dejavu           dejavu-fonts
"""
# What is installed where it may be and does without where not: certificates, and the real parts of the tests.
CERTIFICATES = """
certificates           ca-certificates               ca-certificates       ca-certificates      ca-certificates
"""
TEST_PARTS = """
Xvfb                   xvfb                          xorg-x11-server-Xvfb  xorg-server-xvfb     xorg-x11-server-Xvfb
pulseaudio             pulseaudio                    pulseaudio            pulseaudio           pulseaudio
parec                  pulseaudio-utils              pulseaudio-utils      libpulse             pulseaudio-utils
gnome-keyring-daemon   gnome-keyring                 gnome-keyring         gnome-keyring        gnome-keyring
dbus-daemon            dbus                          dbus-daemon           dbus                 dbus-1-daemon
ffmpeg                 ffmpeg                        ffmpeg-free           ffmpeg               ffmpeg
"""
MANAGERS = {
    "apt": "apt-get install -y --no-install-recommends",
    "dnf": "dnf install",
    "pacman": "pacman -S --needed",
    "zypper": "zypper install",
}
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
CERTIFICATE_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


class Need(NamedTuple):
    """A part of the system: how to see that it is there, and its package for each of `MANAGERS`."""

    probe: str
    packages: Sequence[str]

    def is_there(
        self,
        load: Callable[[str], object] = ctypes.CDLL,
        which: Callable[[str], Optional[str]] = shutil.which,
    ) -> bool:
        """Whether a library can be loaded (asked of the loader itself), or a program, font or certificate is there."""
        if ".so." in self.probe:
            try:
                load(self.probe)
            except OSError:
                return False
            return True
        if self.probe == "fonts":
            return any(files for folder in FONT_FOLDERS for _, _, files in os.walk(os.path.expanduser(folder)))
        if self.probe == "certificates":
            return any(os.path.exists(path) for path in CERTIFICATE_FILES)
        return which(self.probe) is not None


def missing(table: str, is_there: Callable[[Need], bool] = Need.is_there) -> List[Need]:
    """What of ``table`` is not here; nothing on systems whose wheels bring all they need."""
    if not sys.platform.startswith("linux"):
        return []
    rows = [line.split() for line in table.splitlines() if line.strip()]
    return [need for need in (Need(row[0], row[1:]) for row in rows) if not is_there(need)]


def python_package(found: Optional[Tuple[int, int]]) -> Need:
    """A Python that can make environments: its missing half on Debian and Ubuntu where one was ``found``."""
    halves = "python3.13-venv|python3.12-venv|python3.11-venv"
    return Need(PYTHON, ["python{}.{}-venv".format(*found) if found else halves, "python3.13", "python", "python313"])


def may_install() -> bool:
    return is_root() and shutil.which("apt-get") is not None


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def install(needs: Sequence[Need]) -> None:
    """Install with apt; what could not be installed shows when it is looked for again."""
    say("Asking apt which packages there are")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]
    run([*apt, "update"])
    names = packages(needs, "apt")
    say("Installing {} system packages: {}".format(len(names), " ".join(names)))
    if run([*apt, "install", "-y", "--no-install-recommends", *names]) != 0:
        # one name that this release does not know must not keep the others away
        for name in names:
            run([*apt, "install", "-y", "--no-install-recommends", name])


def packages(needs: Sequence[Need], manager: str) -> List[str]:
    """The packages of ``needs`` under ``manager``, each once."""
    place = list(MANAGERS).index(manager)
    return list(dict.fromkeys(known_name(need.packages[place]) for need in needs))


def known_name(names: str) -> str:
    """The first of the names joined by ``|`` that this machine's apt knows, else the last."""
    alternatives = names.split("|")
    for name in alternatives[:-1]:
        if run(["apt-cache", "show", "--no-all-versions", name]) == 0:
            return name
    return alternatives[-1]


def install_lines(needs: Sequence[Need], as_root: bool) -> List[str]:
    """One line per package manager that installs all of ``needs``."""
    before = "" if as_root else "sudo "
    return ["  {}{} {}".format(before, MANAGERS[name], " ".join(packages(needs, name))) for name in MANAGERS]


def stop_for(needs: Sequence[Need]) -> NoReturn:
    """Say what is missing and how to get it, and end with `LACKING`."""
    this = " This is Python {}.{}.".format(*sys.version_info) if any(need.probe == PYTHON for need in needs) else ""
    say("This machine lacks {}.{}".format(", ".join(need.probe for need in needs), this))
    say("Install it with the line for your system, then start again:")
    for line in install_lines(needs, is_root()):
        say(line)
    sys.exit(LACKING)


def do_without(needs: Sequence[Need]) -> None:
    """Say what is missing and only wished for: the tests that need it are skipped."""
    say("Doing without {}. To have it:".format(", ".join(need.probe for need in needs)))
    for line in install_lines(needs, is_root()):
        say(line)


def has_display(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a window can be opened; QT_QPA_PLATFORM says that somebody chose where it is drawn."""
    named = any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return named or not platform.startswith("linux")


def stop_for_display() -> NoReturn:
    """Say that there is no display and how to get one, and end with `LACKING`."""
    say("There is no display here to open a window on: neither DISPLAY nor WAYLAND_DISPLAY is set.")
    say("Start it from a desktop, or on a virtual display: xvfb-run -a python3 run.py")
    say("To serve the sample sessions without a window: python3 run.py demo --headless")
    sys.exit(LACKING)
