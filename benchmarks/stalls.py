"""Event-loop stalls over 50 ms while a folder is indexed, in the real window.

    python benchmarks/stalls.py FOLDER [--files 500]

Opens the window (offscreen unless QT_QPA_PLATFORM says otherwise) on a copy of up to `--files` files of FOLDER with
`--log-stalls`, waits until every file is current, and prints how often and how long the loop stood still: while the
window was being set up (the first two seconds), and while it indexed.
"""

import argparse
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

from killing import copy_files, open_window, pending, wait

_START_S = 2.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=500)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="readingroom-stalls-") as scratch:
        folder, data, log = (Path(scratch) / name for name in ("documents", "data", "stalls.jsonl"))
        files = copy_files(arguments.folder, folder, arguments.files)
        started = time.time()
        window = open_window(data, ["--log-stalls", str(log), str(folder)])
        wait(lambda: bool(pending(data)), window)
        begun = time.time()
        wait(lambda: pending(data) == 0, window)
        seconds = time.time() - begun
        window.send_signal(signal.SIGTERM)
        window.wait(timeout=60)
        stalls = [json.loads(line) for line in log.read_text().splitlines()]
    # The log begins with the window; the process needs a moment before that.
    first = min((stall["at"] for stall in stalls), default=started)
    setting_up = [stall["ms"] for stall in stalls if stall["at"] < first + _START_S]
    indexing = [stall for stall in stalls if stall["at"] >= first + _START_S]
    for stall in sorted(indexing, key=lambda stall: -stall["ms"])[:5]:
        print(json.dumps(stall), file=sys.stderr)
    print(
        json.dumps(
            {
                "files": files,
                "seconds": round(seconds, 1),
                "stalls_setting_up": len(setting_up),
                "worst_setting_up_ms": max(setting_up, default=0),
                "stalls_indexing": len(indexing),
                "worst_indexing_ms": max((stall["ms"] for stall in indexing), default=0),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
