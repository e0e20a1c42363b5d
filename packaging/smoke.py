"""Start the built program as a stranger's computer would: no repository, no Python, an empty home folder.

Usage: python packaging/smoke.py [FOLDER OF THE BUILD]. Checks the version, reads a file into a workspace and finds
it again, which takes every child process but the page renderer; where Xvfb is there, opens the window and closes it
with a signal. Prints what it did; the exit code is 0 when all went well.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SENTENCE = "Unused leave of up to ten days carries over into the next calendar year."
WINDOW_STAYS_S = 6


def main() -> int:
    """Run all checks in a folder that is thrown away."""
    built = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist" / "ReadingRoom").resolve()
    program = built / ("ReadingRoom.exe" if os.name == "nt" else "ReadingRoom")
    with tempfile.TemporaryDirectory(prefix="reading room ") as name:
        folder = Path(name)
        environment = {"HOME": name, "LANG": "C.UTF-8", "READINGROOM_DATA_DIR": str(folder / "data")}
        if os.name == "nt":
            environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]

        def ask(*arguments: str) -> str:
            command = [str(program), *arguments]
            started = time.monotonic()
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                check=False,
            )
            if done.returncode != 0:
                for path in sorted(folder.glob("data/logs/*")):
                    print(path.read_text("utf-8", errors="replace")[-4000:], file=sys.stderr)
                sys.exit(f"{' '.join(arguments)}: ended with {done.returncode}")
            answer = done.stdout.decode()
            print(
                f"{time.monotonic() - started:6.2f} s  {' '.join(arguments)}: {answer.strip()[:100]}",
                flush=True,
            )
            return answer

        ask("--version")
        (folder / "handbook.md").write_text(f"# Leave\n\n{SENTENCE}\n", "utf-8")
        counts = json.loads(ask("add", "-w", "Demo", "handbook.md", "--json").splitlines()[-1])
        found = json.loads(ask("search", "-w", "Demo", "leave carried over", "--json").splitlines()[0])
        if counts["indexed"] != 1 or SENTENCE not in found["text"]:
            print("the file was not read, or not found again", file=sys.stderr)
            return 1
        return _window_opens(program, folder, environment)


def _window_opens(program: Path, folder: Path, environment: dict[str, str]) -> int:
    if not shutil.which("Xvfb"):
        print("no Xvfb: the window was not opened")
        return 0
    # Xvfb picks a free display and writes its number.
    reader, writer = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=(writer,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as told:
        display = ":" + told.readline().strip()
    try:
        window = subprocess.Popen([str(program)], cwd=folder, env={**environment, "DISPLAY": display})
        try:
            print(f"the window ended by itself with {window.wait(WINDOW_STAYS_S)}", file=sys.stderr)
        except subprocess.TimeoutExpired:
            window.send_signal(signal.SIGTERM)
            code = window.wait(20)
            print(f"        the window stood for {WINDOW_STAYS_S} s and closed with {code}")
            return code
        return 1
    finally:
        screen.terminate()
        screen.wait(10)


if __name__ == "__main__":
    sys.exit(main())
