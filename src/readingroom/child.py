"""Composition root of a child process: `python -m readingroom.child ROLE --data-dir DIR`."""

import argparse
import logging
import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from readingroom.config.paths import DataPaths
from readingroom.worker import (
    bulk,
    fetching,
    indexing,
    optimising,
    querying,
    reading,
    recognising,
    rendering,
)
from readingroom.worker.serving import Channel, Handler, die_with_parent, serve, settle

_Loaded = TypeVar("_Loaded")

_MODELS_KEPT = 2
"""While a workspace changes its embedding model, two are in use."""

_LOW_PRIORITY_ROLES = frozenset({reading.ROLE, bulk.ROLE, recognising.ROLE, optimising.ROLE})


class _Kept(OrderedDict[str, _Loaded]):
    """What was loaded for the models last used."""

    def __init__(self, load: Callable[[str], _Loaded]) -> None:
        super().__init__()
        self._load = load

    def get_loaded(self, model: str) -> _Loaded:
        """Load it, or take it from those kept."""
        if model not in self:
            while len(self) >= _MODELS_KEPT:
                self.popitem(last=False)
            self[model] = self._load(model)
        self.move_to_end(model)
        return self[model]


class _Role:
    """What a child does: its handlers, and what it does before it ends."""

    def __init__(self, handlers: Mapping[str, Handler], finish: Callable[[], None] = lambda: None) -> None:
        self.handlers = handlers
        self.finish = finish


def _read(paths: DataPaths) -> _Role:
    from readingroom.documents.members import opened
    from readingroom.documents.registry import read_parts
    from readingroom.embedding.splitting import chunker_for

    chunkers = _Kept(lambda model: chunker_for(paths.models, model))
    return _Role(reading.handlers(read_parts, opened, chunkers.get_loaded))


def _embed(paths: DataPaths) -> _Role:
    from readingroom.embedding.bulk import BulkSessions

    sessions = _Kept(lambda model: BulkSessions(paths.models, model))
    return _Role(
        bulk.handlers(lambda model, texts, on_progress: sessions.get_loaded(model).embed(texts, on_progress))
    )


def _query(paths: DataPaths) -> _Role:
    from readingroom.embedding.embedder import FastembedEmbedder
    from readingroom.embedding.related_texts import kept_nearness

    embedders = _Kept(lambda model: FastembedEmbedder(paths.models, model))
    return _Role(querying.handlers(embedders.get_loaded, partial(kept_nearness, paths.models)))


def _render(_paths: DataPaths) -> _Role:
    from readingroom.documents.members import opened
    from readingroom.documents.rendering import render_page

    return _Role(rendering.handlers(render_page, opened))


def _recognise(_paths: DataPaths) -> _Role:
    from readingroom.documents.members import opened
    from readingroom.documents.rendering import page_image
    from readingroom.recognition.recogniser import Recogniser

    return _Role(recognising.handlers(page_image, opened, Recogniser().recognise))


def _index(paths: DataPaths) -> _Role:
    from readingroom.vectors.edge import EdgeVectorStores
    from readingroom.worker.index_host import IndexHost

    stores = EdgeVectorStores(paths.vectors)
    return _Role(IndexHost(stores).handlers(), stores.close)


def _optimise(paths: DataPaths) -> _Role:
    from readingroom.vectors.layout import shard_folder
    from readingroom.vectors.rewriting import copy_shard, rewrite_copy, sweep

    root = paths.vectors
    return _Role(
        optimising.handlers(
            lambda workspace, index: copy_shard(shard_folder(root, workspace, index)),
            lambda workspace, index: rewrite_copy(shard_folder(root, workspace, index)),
            lambda workspace, index: sweep(shard_folder(root, workspace, index)),
        )
    )


def _models(paths: DataPaths) -> _Role:
    from readingroom.embedding.adding import add_model
    from readingroom.embedding.catalogue import describe_model, list_models
    from readingroom.embedding.download import fetch_model

    return _Role(
        fetching.handlers(
            lambda: list_models(paths.models),
            lambda name: describe_model(paths.models, name),
            lambda name, on_bytes: fetch_model(paths.models, name, on_bytes),
            lambda folder, on_step: add_model(paths.models, folder, on_step),
        )
    )


_ROLES: Mapping[str, Callable[[DataPaths], _Role]] = {
    reading.ROLE: _read,
    bulk.ROLE: _embed,
    querying.ROLE: _query,
    rendering.ROLE: _render,
    recognising.ROLE: _recognise,
    indexing.ROLE: _index,
    optimising.ROLE: _optimise,
    fetching.ROLE: _models,
}


def main(argv: Sequence[str]) -> int:
    """Serve one role until the parent ends; `argv` without the program's name."""
    parser = argparse.ArgumentParser(prog="readingroom.child")
    parser.add_argument("role", choices=sorted(_ROLES))
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--memory-limit", type=int)
    arguments = parser.parse_args(argv)
    # Before anything is imported that might print.
    channel = Channel()
    die_with_parent(arguments.parent)
    settle(
        low_priority=arguments.role in _LOW_PRIORITY_ROLES,
        memory_limit_bytes=arguments.memory_limit,
    )
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    role = _ROLES[arguments.role](DataPaths(arguments.data_dir))
    serve(channel, role.handlers, role.finish)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
