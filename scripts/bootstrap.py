"""The one door behind `make`: prepares `.venv` and the system, then runs, tests or bundles the program.

Standard library only, so that any Python starts it: `python scripts/bootstrap.py run`. What was installed
is remembered in a stamp inside `.venv`; while lock, `pyproject.toml`, place and Python stay the same,
nothing is asked of the network again.
"""

# An old Python must get as far as the sentence that says it is too old.
from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import system_libraries

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST_PYTHON = (3, 11)
RUN_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
# Each process takes half of the suite in its order, so that what is long (tests/e2e) begins at once; the one that is
# through first takes over from the other.
SIDE_BY_SIDE = ("--numprocesses", "2", "--dist", "worksteal")


class Stopped(Exception):
    """Setting up cannot go on; the message is the one line the person sees."""


def main(arguments: list[str]) -> int:
    """Carry out `arguments[0]`, handing the rest to it; the exit code is its own."""
    command, *rest = arguments or ["help"]
    action = COMMANDS.get(command)
    if action is None:
        print("usage: bootstrap.py " + "|".join(COMMANDS), file=sys.stderr)
        return 2
    if sys.version_info < OLDEST_PYTHON:
        return _with_newer_python(arguments)
    try:
        return action(rest)
    except Stopped as reason:
        _say(str(reason))
        return 1
    except KeyboardInterrupt:
        return 130


def setup(arguments: list[str]) -> int:
    """Everything needed to open the window; with `--dev`, to test and check it as well."""
    _prepare(dev="--dev" in arguments)
    return 0


def run(arguments: list[str]) -> int:
    """Open the window, or any command given."""
    _prepare(dev=False)
    if not arguments and not _has_display():
        raise Stopped("there is no display for the window. Start it from a desktop session, or set DISPLAY.")
    # From where the person stands, for paths given as arguments; -P keeps what lies there from being imported.
    command = [str(VENV_PYTHON), "-P", "-m", "readingroom", *arguments]
    if os.name != "nt":
        # The program takes this process's place, so that a signal for us reaches it.
        os.execv(command[0], command)
    return subprocess.call(command)


def test(arguments: list[str]) -> int:
    """The whole suite without a display, two tests at a time; arguments go to pytest, which then takes one by one."""
    _prepare(dev=True)
    system_libraries.offer_virtual_display()
    return _python("-m", "pytest", *(arguments or SIDE_BY_SIDE), QT_QPA_PLATFORM="offscreen")


def lint(arguments: list[str]) -> int:
    """Style, format and the arrows between packages."""
    _prepare(dev=True)
    return (
        _python("-m", "ruff", "check", *arguments, ".")
        or _python("-m", "ruff", "format", "--check", ".")
        or _python("-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())")
    )


def types(arguments: list[str]) -> int:
    """Strict mypy over what pyproject.toml names."""
    _prepare(dev=True)
    return _python("-m", "mypy", *arguments)


def bench(arguments: list[str]) -> int:
    """Run one of `benchmarks/` by name with its arguments; without a name, all that is said of finding."""
    names = sorted(path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py"))
    arguments = arguments or ["finding"]
    if arguments[0] not in names:
        _say('name one, as in make bench ARGS="%s --help": %s' % (names[0], ", ".join(names)))
        return 2
    _prepare(dev=True)
    return _python(str(ROOT / "benchmarks" / (arguments[0] + ".py")), *arguments[1:])


def bundle(arguments: list[str]) -> int:
    """Build `dist/ReadingRoom/` and start it once, away from the repository and from any Python."""
    _prepare(dev=True)
    options = "--noconfirm --log-level WARN --distpath dist --workpath build".split()
    built = _python("-m", "PyInstaller", *options, *arguments, "packaging/readingroom.spec")
    return built or _python("packaging/smoke.py")


def lock(arguments: list[str]) -> int:
    """Write both locks anew from pyproject.toml; `--upgrade` takes the newest versions allowed."""
    _make_venv()
    _pip("install", "--quiet", "uv>=0.5")
    options = (
        # One version a package for every Python and platform: what was tested is what is installed.
        "--universal --python-version 3.11 --fork-strategy fewest "
        "--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet"
    ).split()
    for locked, more in (
        (DEV_LOCK, ["--group", "build", "--group", "dev", "--group", "bundle", *arguments]),
        (RUN_LOCK, ["--group", "build", "--constraint", DEV_LOCK.name]),
    ):
        command = ["uv", "pip", "compile", "pyproject.toml", *options, *more]
        if _python("-m", *command, "--output-file", locked.name) != 0:
            return 1
        text = locked.read_text("utf-8")
        if "://" in text:
            raise Stopped("%s holds an address; a lock names packages and hashes only." % locked.name)
        locked.write_text("# Made by `make lock` from pyproject.toml; not to be edited.\n" + text, "utf-8")
    return 0


COMMANDS = {
    "setup": setup,
    "run": run,
    "test": test,
    "lint": lint,
    "types": types,
    "bench": bench,
    "bundle": bundle,
    "lock": lock,
}


def _prepare(*, dev: bool) -> None:
    _make_venv()
    locked = DEV_LOCK if dev else RUN_LOCK
    stamp = VENV / "readingroom-installed"
    # The larger lock holds the smaller one with the same versions, so it satisfies both.
    satisfied = {_fingerprint(DEV_LOCK), _fingerprint(locked)}
    if not (stamp.exists() and stamp.read_text("utf-8") in satisfied):
        stamp.unlink(missing_ok=True)
        _say("installing %s into .venv, once and whenever it changes" % locked.name)
        # Wheels only: a source package would compile for minutes and then ask for a compiler.
        _pip("install", "--require-hashes", "--only-binary", ":all:", "-r", str(locked))
        _pip("install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        stamp.write_text(_fingerprint(locked), "utf-8")
    if sys.platform.startswith("linux"):
        problem = system_libraries.install_missing()
        if problem:
            raise Stopped(problem)


def _make_venv() -> None:
    probe = [str(VENV_PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    if VENV_PYTHON.exists() and subprocess.call(probe, stderr=subprocess.DEVNULL) == 0:
        return
    if importlib.util.find_spec("ensurepip") is None:
        # Debian and Ubuntu keep it in a package of its own.
        package = "python%d.%d-venv" % sys.version_info[:2]
        if not system_libraries.apt_install([package]):
            raise Stopped("Python's venv module is missing: sudo apt-get install %s" % package)
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        raise Stopped("could not make %s with %s." % (VENV, sys.executable))


def _fingerprint(locked: Path) -> str:
    parts = (locked, ROOT / "pyproject.toml", VENV / "pyvenv.cfg")
    digests = [hashlib.sha256(part.read_bytes()).hexdigest() for part in parts]
    # The editable install points here, so a moved checkout is set up again.
    return "\n".join([*digests, str(ROOT)])


def _pip(command: str, *arguments: str) -> None:
    quiet = () if sys.stderr.isatty() or "--quiet" in arguments else ("--quiet",)
    options = ("--disable-pip-version-check", "--no-input", *quiet)
    if _python("-m", "pip", command, *options, *arguments) != 0:
        raise Stopped("pip could not install what is needed; its own words stand above. Then try again.")


def _python(*arguments: str, **environment: str) -> int:
    """Run the environment's Python from the root; what the person set in the environment wins."""
    return subprocess.call([str(VENV_PYTHON), *arguments], cwd=ROOT, env={**environment, **os.environ})


def _has_display() -> bool:
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in named)


def _with_newer_python(arguments: list[str]) -> int:
    for minor in range(14, OLDEST_PYTHON[1] - 1, -1):
        found = shutil.which("python3.%d" % minor)
        # A shim may stand there for a Python that is not installed.
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return subprocess.call([found, __file__, *arguments])
    _say("needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])
    return 1


def _say(sentence: str) -> None:
    print("Reading Room: " + sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
