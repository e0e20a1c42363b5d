"""Somebody who goes on editing, moving, copying and deleting files of a folder, on a thread of their own."""

import random
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from _folders import rare_word

_TEXTS = (".md", ".txt")


class BusyHands:
    """Changes a folder some times a second, until `stop`."""

    def __init__(self, folder: Path, seed: int, *, a_second: float) -> None:
        self.done: Counter[str] = Counter()
        self._folder = folder
        self._chance = random.Random(seed)
        self._pause_s = 1 / a_second
        self._files = sorted(path for path in folder.rglob("*") if path.is_file())
        self._folders = sorted({path.parent for path in self._files})
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="hands", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _work(self) -> None:
        ways: dict[str, Callable[[int], None]] = {
            "edited in place": self._edit,
            "saved": self._save,
            "moved": self._move,
            "copied": self._copy,
            "deleted": self._delete,
            "folders renamed": self._rename_folder,
        }
        names, weights = list(ways), [6, 6, 3, 2, 2, 1]
        number = 0
        while not self._stopped.wait(self._pause_s):
            number += 1
            (name,) = self._chance.choices(names, weights)
            ways[name](number)
            self.done[name] += 1

    def _text_file(self) -> Path:
        return self._chance.choice([path for path in self._files if path.suffix in _TEXTS])

    def _free(self, number: int, like: Path) -> Path:
        return self._chance.choice(self._folders) / f"{number:06}-{like.name[-60:]}"

    def _edit(self, number: int) -> None:
        with self._text_file().open("ab") as file:
            file.write(f"\n\nHere {rare_word(number)} flies.\n".encode())

    def _save(self, number: int) -> None:
        path = self._text_file()
        beside = path.with_name(f".{number}.saving")
        beside.write_bytes(f"The {rare_word(number)} flies.\n\n".encode() + path.read_bytes())
        beside.replace(path)

    def _move(self, number: int) -> None:
        path = self._chance.choice(self._files)
        target = self._free(number, path)
        path.rename(target)
        self._files[self._files.index(path)] = target

    def _copy(self, number: int) -> None:
        path = self._chance.choice(self._files)
        target = self._free(number, path)
        shutil.copyfile(path, target)
        self._files.append(target)

    def _delete(self, _number: int) -> None:
        self._chance.choice(self._files).unlink()
        self._files = [path for path in self._files if path.exists()]

    def _rename_folder(self, number: int) -> None:
        folder = self._chance.choice(self._folders)
        if folder == self._folder or any(other.parent == folder for other in self._folders):
            return
        folder.rename(folder.with_name(f"folder {number}"))
        self._files = sorted(path for path in self._folder.rglob("*") if path.is_file())
        self._folders = sorted({path.parent for path in self._files})
