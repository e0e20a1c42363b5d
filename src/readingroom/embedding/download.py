"""Fetching an embedding model from the hub, because the person asked; nowhere else is the network used."""

import errno
import hashlib
import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from readingroom.config.lasting import sync_folder, sync_tree
from readingroom.core.errors import DiskFull, EmbeddingModelUnavailable
from readingroom.embedding.catalogue import describe_model
from readingroom.embedding.model_files import WHOLE_MARK, is_bundled, is_fetched, model_folder

log = logging.getLogger(__name__)

_TOKENIZER_FILES = frozenset(
    {
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "preprocessor_config.json",
    }
)
_BEGUN_SUFFIX = ".begun"
PARTIAL_SUFFIX = ".partial"
_PIECE_BYTES = 256 * 1024
_TIMEOUT_S = 15.0
_ROOM_BYTES = 100 * 1024 * 1024
"""Left free on the disk."""

OnBytes = Callable[[int, int], None]
"""(bytes done, bytes in all); comes often."""


@dataclass(frozen=True, slots=True)
class _RemoteFile:
    path: str
    size: int
    sha256: str | None


def fetch_model(models_dir: Path, name: str, on_bytes: OnBytes, *, endpoint: str | None = None) -> None:
    """Fetch a model's files into `models_dir`; blocks. What came of an interrupted fetch is kept and gone on from.

    Stop it by ending the process, or by raising from `on_bytes`: what is there does not count as the model
    until all of it is. `endpoint` is the hub's address, else the environment's HF_ENDPOINT, else the public
    one. Raises `EmbeddingModelUnavailable`, `DiskFull`.
    """
    name = describe_model(models_dir, name).name
    if is_bundled(name) or is_fetched(models_dir, name):
        return
    import httpx
    from huggingface_hub.errors import HfHubHTTPError

    folder = model_folder(models_dir, name)
    partial = folder.with_name(folder.name + PARTIAL_SUFFIX)
    try:
        partial.mkdir(mode=0o700, parents=True, exist_ok=True)
        files = _fetch_into(partial, name, on_bytes, endpoint)
        _finish(partial, folder, files)
    except (HfHubHTTPError, httpx.HTTPStatusError) as error:
        raise EmbeddingModelUnavailable(
            f"The embedding model {name} could not be downloaded: the model hub refused"
            f" (status {error.response.status_code}).",
            hint="Try again later, or choose another embedding model.",
        ) from error
    except (OSError, httpx.HTTPError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise DiskFull(
                "There is no room for the embedding model.", hint="Free some space and try again."
            ) from error
        log.info("The embedding model %s could not be fetched", name, exc_info=True)
        raise EmbeddingModelUnavailable(
            f"The embedding model {name} could not be downloaded: the model hub cannot be reached.",
            hint="Check the connection to the internet and try again.",
        ) from error


def _fetch_into(partial: Path, name: str, on_bytes: OnBytes, endpoint: str | None) -> list[_RemoteFile]:
    import huggingface_hub

    repository, wanted = _source(name)
    # token=False: nothing of the person's goes along.
    about = huggingface_hub.HfApi(endpoint=endpoint, token=False).model_info(
        repository, files_metadata=True, timeout=_TIMEOUT_S
    )
    files = [
        _RemoteFile(sibling.rfilename, int(sibling.size or 0), sibling.lfs.sha256 if sibling.lfs else None)
        for sibling in about.siblings or ()
        if sibling.rfilename in {*wanted, *_TOKENIZER_FILES}
    ]
    if not {*wanted, "tokenizer.json"} <= {file.path for file in files}:
        raise EmbeddingModelUnavailable(
            f"The hub does not have all files of {name}.", hint="Choose another embedding model."
        )
    total = sum(file.size for file in files)
    if shutil.disk_usage(partial).free < total + _ROOM_BYTES:
        raise OSError(errno.ENOSPC, "No space left")
    done = 0
    on_bytes(0, total)
    for file in files:
        address = huggingface_hub.hf_hub_url(repository, file.path, revision=about.sha, endpoint=endpoint)
        _fetch_file(partial, file, address, name, _counting_from(on_bytes, done, total))
        done += file.size
        on_bytes(done, total)
    return files


def _source(name: str) -> tuple[str, list[str]]:
    """Name the hub's repository of a model and the files without which it does not load."""
    from fastembed import TextEmbedding

    entry = next(entry for entry in TextEmbedding.list_supported_models() if entry["model"] == name)
    repository = entry["sources"]["hf"]
    if not repository:
        raise EmbeddingModelUnavailable(
            f"{name} is not on the model hub.", hint="Choose another embedding model."
        )
    return repository, [entry["model_file"], *entry["additional_files"]]


def _counting_from(on_bytes: OnBytes, before: int, total: int) -> Callable[[int], None]:
    """Make what takes how much of a file is there, and passes on how much of all files."""
    return lambda done: on_bytes(min(before + done, total), total)


def _fetch_file(
    folder: Path, file: _RemoteFile, address: str, name: str, on_bytes: Callable[[int], None]
) -> None:
    """Fetch one file, going on where an earlier fetch of the same ended. The hub's own library begins anew.

    Nothing of the person's goes along: no token, no cookie.
    """
    import httpx

    path = folder / file.path
    if path.is_file() and path.stat().st_size == file.size:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Named by its content: after an update on the hub another file is begun.
    begun = path.with_name(f"{path.name}.{(file.sha256 or str(file.size))[:16]}{_BEGUN_SUFFIX}")
    there = begun.stat().st_size if begun.exists() else 0
    wanted = {"Range": f"bytes={there}-"} if 0 < there < file.size else {}
    with httpx.stream("GET", address, headers=wanted, follow_redirects=True, timeout=_TIMEOUT_S) as answer:
        answer.raise_for_status()
        goes_on = answer.status_code == httpx.codes.PARTIAL_CONTENT
        done = there if goes_on else 0
        with begun.open("ab" if goes_on else "wb") as written:
            on_bytes(done)
            for piece in answer.iter_bytes(_PIECE_BYTES):
                done += len(piece)
                if done > file.size:
                    break
                written.write(piece)
                on_bytes(done)
    _verify(begun, file, name)
    begun.replace(path)


def _verify(path: Path, file: _RemoteFile, name: str) -> None:
    """Compare with what the hub says of the file; a wrong one is removed, so that it is fetched anew."""
    whole = path.stat().st_size == file.size
    if whole and file.sha256:
        with path.open("rb") as opened:
            whole = hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256
    if not whole:
        path.unlink()
        raise EmbeddingModelUnavailable(
            f"The embedding model {name} arrived damaged.", hint="Try the download again."
        )


def _finish(partial: Path, folder: Path, files: list[_RemoteFile]) -> None:
    """Mark as whole and move into place, in this order: no moment shows half a model."""
    for leftover in partial.rglob(f"*{_BEGUN_SUFFIX}"):
        leftover.unlink()
    sizes = {file.path: file.size for file in files}
    (partial / WHOLE_MARK).write_text(json.dumps({"sizes": sizes}), "utf-8")
    # Gigabytes that a power cut would take again.
    sync_tree(partial)
    if folder.exists():  # damaged since it was fetched
        shutil.rmtree(folder)
    partial.rename(folder)
    sync_folder(folder.parent)
