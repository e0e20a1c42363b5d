"""Results to standard output, progress to standard error."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from readingroom.core.models import IngestCounts, SourceProgress
from readingroom.core.recognition import RecognitionStatus


def emit(value: dict[str, Any]) -> None:
    """Print one JSON line. Names that are not valid Unicode come out escaped."""
    print(json.dumps(value, ensure_ascii=False, default=_plain), flush=True)


def rounded(counts: IngestCounts, *, sync: bool) -> dict[str, Any]:
    """Give the object that `add` and `reindex` print; `sync` has three fields more."""
    values = asdict(counts) | {"seconds": round(counts.seconds, 2)}
    return values if sync else {name: value for name, value in values.items() if name not in _SYNC_ONLY}


_SYNC_ONLY = frozenset({"removed", "moved", "offline"})


class ProgressBar:
    """One bar for all sources: phase, current file, rate, time left. Silent where nobody watches."""

    def __init__(self) -> None:
        from tqdm import tqdm

        self._bar: Any = tqdm(
            total=0,
            unit="file",
            file=sys.stderr,
            disable=not sys.stderr.isatty(),
            bar_format="{desc} {bar} {n_fmt}/{total_fmt}{postfix}",
            leave=False,
        )

    def say(self, line: str) -> None:
        """Print a line above it, also where the bar itself is silent."""
        if line:
            self._bar.write(line, file=sys.stderr)

    def show(self, progress: Sequence[SourceProgress], recognition: RecognitionStatus | None = None) -> None:
        """Bring it up to date."""
        if (
            recognition is not None
            and recognition.current
            and not any(p.phase == "reading" for p in progress)
        ):
            self._show_recognition(recognition)
            return
        busy = [one for one in progress if one.phase != "idle"] or list(progress)
        self._bar.total = sum(one.total for one in progress)
        self._bar.n = sum(one.done for one in progress)
        if busy:
            first = busy[0]
            self._bar.set_description_str(f"{first.phase} {first.current[:32]}".strip(), refresh=False)
            left = f", {minutes(first.seconds_left)} left" if first.seconds_left is not None else ""
            self._bar.set_postfix_str(f"{first.passages_per_s:.0f} passages/s{left}", refresh=False)
        self._bar.refresh()

    def _show_recognition(self, status: RecognitionStatus) -> None:
        self._bar.total, self._bar.n = status.pages, status.pages_done
        self._bar.set_description_str(f"recognising {status.current[-40:]}", refresh=False)
        self._bar.set_postfix_str(f"pages, {minutes(status.seconds_left)} left", refresh=False)
        self._bar.refresh()

    def close(self) -> None:
        """Take it away."""
        self._bar.close()


def printer(as_json: bool, line: Callable[[dict[str, Any]], str]) -> Callable[[dict[str, Any]], None]:
    """How results are printed: as JSON, or as a line for people."""
    return emit if as_json else lambda value: print(for_terminal(line(value)), flush=True)


def for_terminal(text: str) -> str:
    """Without control characters: names and texts of documents must not steer the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def minutes(seconds: float) -> str:
    """A length of time, as people say it."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _plain(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(type(value).__name__)
