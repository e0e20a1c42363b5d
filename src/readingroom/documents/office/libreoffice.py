"""Converts old documents with LibreOffice, where it is installed, shut off from macros, links and the network."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from readingroom.core.errors import DocumentCorrupt, DocumentTooLarge, ReadFailure
from readingroom.core.extraction import ReadLimits
from readingroom.documents.readers import OnProgress

_TIMEOUT_S = 180.0
"""The first start on a slow disk takes some twenty seconds, a book of a thousand pages as long again."""
_SHARE_OF_TIME = 0.8
"""Of the time for the file, so that some is left for reading the result."""
_POLL_S = 0.1
_LOOK_S = 0.5
"""How often its memory is looked at."""
_NOWHERE = "127.0.0.1"
_DISCARD_PORT = 9
_NAMES = ("soffice", "libreoffice")
_PLACES = {
    "darwin": ("/Applications/LibreOffice.app/Contents/MacOS/soffice",),
    "win32": (),
    "linux": (
        "/usr/lib/libreoffice/program/soffice",
        "/usr/lib64/libreoffice/program/soffice",
        "/opt/libreoffice/program/soffice",
        "/snap/bin/libreoffice",
    ),
}

_SETTINGS = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Common/Security/Scripting", "DisableOLEAutomation", "true"),
    ("Office.Common/Security/Scripting", "DisablePythonRuntime", "true"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Security/Scripting", "CheckDocumentEvents", "true"),
    ("Office.Common/Load", "DetectWebDAVRedirection", "false"),
    ("Office.Common/Misc", "CrashReport", "false"),
    ("Office.Common/Misc", "CollectUsageInformation", "false"),
    ("Office.Writer/Content/Update", "Link", "2"),
    ("Office.Writer/Content/Update", "Field", "false"),
    ("Office.Writer/Content/Update", "Chart", "false"),
    ("Inet/Settings", "ooInetProxyType", "2"),
    *(("Inet/Settings", f"ooInet{kind}ProxyName", _NOWHERE) for kind in ("HTTP", "HTTPS", "FTP")),
    *(("Inet/Settings", f"ooInet{kind}ProxyPort", str(_DISCARD_PORT)) for kind in ("HTTP", "HTTPS", "FTP")),
)
"""Path, name and value in LibreOffice's registry; what a version does not know it passes over."""

_WATCHED = """
exec 3<&0
( read -r line <&3; rm -rf "$1"; kill -9 0 ) &
watcher=$!
shift
"$@" </dev/null 3<&- >/dev/null 2>&1
code=$?
kill -9 $watcher
exit $code
"""
"""Ends the whole process group, and removes the folder, when the pipe to the one who started it closes."""


def find_libreoffice() -> Path | None:
    """The program that converts, on the PATH or where installers put it; None where there is none."""
    for name in _NAMES:
        found = shutil.which(name)
        if found and sys.platform != "win32":
            return Path(found)
    return next((place for place in _usual_places() if place.is_file()), None)


def _usual_places() -> Iterator[Path]:
    if sys.platform == "win32":
        for variable in ("ProgramW6432", "ProgramFiles", "ProgramFiles(x86)"):
            if folder := os.environ.get(variable):
                # The one for consoles waits until the work is done.
                yield Path(folder, "LibreOffice", "program", "soffice.com")
        for name in _NAMES:
            if found := shutil.which(name):
                yield Path(found)
        return
    for place in _PLACES.get(sys.platform, _PLACES["linux"]):
        yield Path(place)
    if sys.platform == "darwin":
        yield Path.home() / "Applications/LibreOffice.app/Contents/MacOS/soffice"
    else:
        yield from sorted(Path("/opt").glob("libreoffice*/program/soffice"), reverse=True)


@contextlib.contextmanager
def converted(
    program: Path,
    path: Path,
    suffix: str,
    target: str,
    limits: ReadLimits,
    on_progress: OnProgress,
    timeout_s: float | None = None,
) -> Iterator[Path]:
    """Convert a copy of the file, named with `suffix`, to the kind `target` (`docx`), into a folder that is removed.

    Raises `DocumentCorrupt` when nothing comes of it, `DocumentTooLarge` and `ReadFailure` when it takes too much.
    """
    timeout_s = timeout_s or min(_TIMEOUT_S, limits.timeout_s * _SHARE_OF_TIME)
    with tempfile.TemporaryDirectory(prefix="readingroom-", ignore_cleanup_errors=True) as folder_name:
        folder = Path(folder_name).resolve()
        source = folder / f"document{suffix}"
        shutil.copyfile(path, source)
        _write_profile(folder / "profile")
        command = [
            str(program),
            "--headless",
            "--invisible",
            "--nologo",
            "--norestore",
            "--nodefault",
            "--nolockcheck",
            "--nofirststartwizard",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--convert-to",
            target,
            "--outdir",
            str(folder / "out"),
            str(source),
        ]
        _run(command, folder, timeout_s, limits.memory_bytes, on_progress)
        result = folder / "out" / f"document.{target}"
        if not result.is_file() or not result.stat().st_size:
            raise DocumentCorrupt("LibreOffice could not open the file: it is damaged or of another kind.")
        yield result


def _write_profile(profile: Path) -> None:
    lines = [
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    ]
    settings = profile / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry">\n'
        + "\n".join(lines)
        + "\n</oor:items>\n",
        encoding="utf-8",
    )


def _environment(folder: Path) -> dict[str, str]:
    nowhere = f"http://{_NOWHERE}:{_DISCARD_PORT}"
    left_out = {"pythonpath", "pythonhome", "no_proxy", "ld_preload", "display", "wayland_display"}
    environment = {name: value for name, value in os.environ.items() if name.lower() not in left_out}
    for name in ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"):
        environment[name] = environment[name.upper()] = nowhere
    environment["SAL_USE_VCLPLUGIN"] = "svp"
    if os.name == "posix":
        # Caches and settings of the libraries below it go the way of the folder.
        environment["HOME"] = environment["TMPDIR"] = str(folder)
        environment.update({f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "CACHE", "DATA")})
    return environment


def _run(
    command: list[str], folder: Path, timeout_s: float, memory_bytes: int, on_progress: OnProgress
) -> None:
    if os.name == "posix":
        command = ["/bin/sh", "-c", _WATCHED, "sh", str(folder), *command]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=_environment(folder),
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise ReadFailure(f"LibreOffice could not be started ({error.strerror}).") from error
    try:
        _wait(process, timeout_s, memory_bytes, on_progress)
    finally:
        _end(process)


def _wait(
    process: subprocess.Popen[bytes], timeout_s: float, memory_bytes: int, on_progress: OnProgress
) -> None:
    began = looked_at = time.monotonic()
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_POLL_S)
            return
        on_progress(0, None)
        now = time.monotonic()
        if now - began > timeout_s:
            raise ReadFailure(
                f"LibreOffice took longer than {timeout_s:,.0f} seconds over this file and was stopped."
            )
        if now - looked_at > _LOOK_S:
            looked_at = now
            if _memory(process.pid) > memory_bytes:
                limit_mb = memory_bytes // (1024 * 1024)
                raise DocumentTooLarge(
                    f"LibreOffice needed more than {limit_mb:,} MB of memory for this file."
                )


def _family(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def _memory(pid: int) -> int:
    total = 0
    for process in _family(pid):
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and all that it started, and wait until they are gone."""
    family = _family(process.pid) if process.poll() is None else []
    for one in family:
        with contextlib.suppress(psutil.Error):
            one.kill()
    if process.stdin is not None:
        process.stdin.close()
    process.wait()
    psutil.wait_procs(family, timeout=5.0)
