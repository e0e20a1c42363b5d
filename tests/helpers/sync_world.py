"""Linked folders, what may befall them, and the check that catalog and index agree with them exactly."""

import hashlib
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers.driven import DrivenProgram
from helpers.expected_files import expected_files
from helpers.folder_changes import CHANGES, Folders
from helpers.mounts import Mount, can_mount

_SETTLE_S = 240.0
_POLL_S = 0.02
# A crash or a restart costs as much as all the rest of them.
WEIGHTS = {
    **dict.fromkeys(CHANGES, 4),
    "create": 10,
    "settle": 5,
    "crash": 1,
    "restart": 1,
    "take_away": 1,
    "bring_back": 3,
}
"""How often each step is to come, against the others."""


class OutOfStep(AssertionError):
    """Catalog, index and folder do not agree."""


class SyncWorld:
    """Three linked folders (one inside another, one on a drive of its own) and the program that follows them.

    A step has a name and two numbers, which choose among what there is. What makes no sense at the moment is passed
    over.
    """

    def __init__(self, scratch: Path) -> None:
        self.counts: Counter[str] = Counter()
        self.trail: list[str] = []
        """Steps since folder and catalog last agreed."""
        self._scratch = scratch
        home, stick = scratch / "home", scratch / "stick"
        inner = home / "inner"
        inner.mkdir(parents=True)
        stick.mkdir()
        self._mount = Mount(stick, scratch / "drive") if can_mount() else None
        self.roots = [str(home), str(stick), str(inner)]
        self.folders = Folders(self.roots, scratch / "outside")
        for root in self.roots:
            # No root is ever empty: an empty one may be where a drive was mounted.
            Path(root, "anchor.txt").write_text(f"anchor {self.folders.next_word()}\n")
        self._away: dict[str, dict[str, bytes]] = {}
        """What was known of roots that are away."""
        self.program = DrivenProgram(scratch / "data")

    def begin(self) -> None:
        """Link the folders."""
        self.program.start()
        self.program.ask("link", paths=self.roots)
        self.settle()

    def step(self, name: str, a: int, b: int) -> None:
        """Do one thing."""
        self.trail.append(f"{name}({a}, {b})")
        self.counts["steps"] += 1
        if name in CHANGES:
            done = CHANGES[name](self.folders, a, b)
            self.counts[name] += done is not None
            if done is not None:
                self.trail[-1] += f"  # {done}"
            return
        steps: dict[str, Callable[[int, int], None]] = {
            "settle": lambda _a, _b: self.settle(),
            "crash": self._crash,
            "restart": self._restart,
            "take_away": self._take_away,
            "bring_back": lambda _a, _b: self._bring_back(),
        }
        steps[name](a, b)

    def settle(self) -> None:
        """Wait until catalog and index agree with the folders. Raises `OutOfStep` where they do not come to."""
        if not self.program.running:
            self.program.start()
        self.counts["settles"] += 1
        deadline = time.monotonic() + _SETTLE_S
        while wrong := self._wrong():
            if time.monotonic() > deadline:
                raise OutOfStep("\n".join(["Out of step:", *wrong, "after:", *self.trail]))
            time.sleep(_POLL_S)  # the other process tells of nothing by itself
        self.trail.clear()

    def close(self, *, keep_mounts: bool = False) -> None:
        """End the program and undo mounts; these may be kept for a look at what went wrong."""
        if self.program.running:
            self.program.kill()
        if self._mount is not None and not keep_mounts:
            self._mount.remove()

    def remove(self) -> None:
        """Close, and delete everything."""
        self.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def summary(self) -> str:
        names = ("settles", "crashes", "restarts", "unmounts", "renamed away", "asked", "move", "rename")
        return ", ".join(f"{self.counts[name]} {name}" for name in names)

    def _crash(self, a: int, b: int) -> None:
        if self.program.running:
            time.sleep(a % 16 / 32 * (b % 2))  # some moment: at once, or while it is at work
            self.program.kill()
            self.counts["crashes"] += 1
            if b % 4:
                # Else the next steps happen while it does not run.
                self.program.start()

    def _restart(self, a: int, _b: int) -> None:
        if self.program.running:
            self.program.quit()
            self.counts["restarts"] += 1
        if a % 2:
            self.program.start()

    def _take_away(self, a: int, _b: int) -> None:
        if self._away:
            return
        self.settle()
        root = self.roots[a % 2]
        gone = [other for other in self.roots if other == root or other.startswith(root + "/")]
        self._away = {other: expected_files(other, self.roots) for other in gone}
        if root == self.roots[1] and self._mount is not None:
            self._mount.take_away()
            self.counts["unmounts"] += 1
        else:
            Path(root).rename(root + ".away")
            self.counts["renamed away"] += 1
        self.folders.away = frozenset(gone)
        self.trail.append(f"{root} is away")

    def _bring_back(self) -> None:
        if not self._away:
            return
        root = next(iter(self._away))
        if root == self.roots[1] and self._mount is not None:
            self._mount.bring_back()
        else:
            Path(root + ".away").rename(root)
        self._away, self.folders.away = {}, frozenset()

    def _wrong(self) -> list[str]:
        """Where they differ, in words; empty where they agree."""
        state = self.program.ask("state")
        if state["busy"]:
            return ["It is busy."]
        expected = {
            path: content
            for root in self.roots
            for path, content in (self._away.get(root) or expected_files(root, self.roots)).items()
        }
        wrong = self._wrong_sources(state) + _wrong_points(state)
        wrong += _wrong_documents(state, expected, self._is_away)
        return wrong or self._wrong_search(expected)

    def _is_away(self, path: str) -> bool:
        return any(path in known for known in self._away.values())

    def _wrong_sources(self, state: dict[str, Any]) -> list[str]:
        wrong = []
        for source in state["sources"]:
            if source["state"] == "asking":
                self.counts["asked"] += 1
                self.program.ask("confirm", source=source["id"])
            wanted = "offline" if source["path"] in self._away else "watching"
            if source["state"] != wanted:
                wrong.append(f"{source['path']} is {source['state']}, not {wanted}")
        return wrong

    def _wrong_search(self, expected: dict[str, bytes]) -> list[str]:
        holders: dict[str, set[str]] = {}
        for path, content in expected.items():
            for word in content.decode().split():
                if word.startswith("zu"):
                    holders.setdefault(word, set()).add(path)
        found = self.program.ask("search", words=list(holders))["found"]
        return [
            f"{word} is found in {sorted(found[word])}, not in {sorted(paths)}"
            for word, paths in holders.items()
            if sorted(found[word]) != sorted(paths)
        ]


def _wrong_points(state: dict[str, Any]) -> list[str]:
    wrong = [f"{name} points: {state[name]}" for name in ("missing", "surplus") if state[name]]
    chunks = sum(document["chunks"] for document in state["documents"])
    if not state["points"] == state["embedded"] == chunks:
        wrong.append(f"{chunks} chunks, {state['points']} points, {state['embedded']} embedded")
    return wrong


def _wrong_documents(
    state: dict[str, Any], expected: dict[str, bytes], is_away: Callable[[str], bool]
) -> list[str]:
    paths = Counter(document["path"] for document in state["documents"])
    wrong = [f"twice: {path}" for path, times in paths.items() if times > 1]
    wrong += [f"not in the catalog: {path!r}" for path in sorted(expected.keys() - paths.keys())]
    for document in state["documents"]:
        content = expected.get(document["path"])
        if content is None:
            wrong.append(
                f"not in the folder: {document['path']!r} ({document['state']} {document['reason']})"
            )
            continue
        text = content.decode()
        wanted = ("offline" if is_away(document["path"]) else "ready") if text.strip() else "no_text"
        if document["state"] != wanted:
            wrong.append(f"{document['path']!r} is {document['state']} ({document['reason']}), not {wanted}")
        if document["hash"] != hashlib.blake2b(content, digest_size=32).hexdigest():
            wrong.append(f"{document['path']!r} has another hash")
        if document["text"].split() != text.split():
            wrong.append(f"{document['path']!r} reads {document['text']!r}, not {text!r}")
    return wrong
