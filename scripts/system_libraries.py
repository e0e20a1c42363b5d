"""The system libraries that Qt needs on Linux: which are missing, and how they come."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys

# What PySide6 6.11's xcb and offscreen platforms load, by `ldd`; packages by their names in Debian 12 and
# Ubuntu 22.04 and 24.04 (whose `t64` packages provide the old names).
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def missing() -> list[str]:
    """The libraries that the loader does not find."""
    return [name for name in QT_LIBRARIES if not _loads(name)]


def install_missing() -> str | None:
    """Install them when we may; else the sentence that says what to install."""
    absent = missing()
    if not absent:
        return None
    packages = sorted(QT_LIBRARIES[name] for name in absent)
    if apt_install(packages) and not missing():
        return None
    if shutil.which("apt-get"):
        return "Qt needs system libraries that are missing: sudo apt-get install %s" % " ".join(packages)
    return "Qt needs system libraries that are missing: %s; install the packages that hold them." % ", ".join(
        absent
    )


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages; False when that is not ours to do (not root, no apt) or fails."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    print("Reading Room: apt-get install %s" % " ".join(packages), file=sys.stderr, flush=True)
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    # Old package lists often suffice; without any, the first try fails and says so to nobody.
    return _quietly(install, keep_errors=False) or (
        _quietly(["apt-get", "update", "-q"]) and _quietly(install)
    )


def _quietly(command: list[str], *, keep_errors: bool = True) -> bool:
    answer = subprocess.call(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=None if keep_errors else subprocess.DEVNULL,
    )
    return answer == 0


def offer_virtual_display() -> None:
    """Get Xvfb when we may; tests that need a real display skip themselves where it is absent."""
    if sys.platform.startswith("linux") and not shutil.which("Xvfb"):
        apt_install(["xvfb"])


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
