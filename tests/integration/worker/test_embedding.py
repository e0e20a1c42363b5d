"""Passages and questions embedded in children."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from helpers.children import kill, wait_until
from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL as MODEL
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled, EmbeddingModelUnavailable, WorkerCrashed
from readingroom.embedding.tokens import load_counter
from readingroom.worker.bulk import EmbedWorker
from readingroom.worker.querying import QueryWorker


def test_embeddings_come_in_the_order_given(embedder: EmbedWorker, querier: QueryWorker) -> None:
    texts = [f"Sentence number {i} " + "and more " * (i * 7 % 40) for i in range(40)]
    embeddings = embedder.embed(MODEL, texts)
    assert embeddings.shape == (40, 384)
    assert embeddings.dtype == np.float32
    for text, row in zip(texts, embeddings, strict=True):
        assert querier.embed_query(MODEL, text) @ row > 0.98
    assert embedder.tokens == sum(load_counter(Path(), MODEL)[0].count(texts)) + 2 * len(texts)
    assert embedder.cpu_seconds > 0


def test_sentences_of_any_length_come_in_the_order_given_in_one_call(querier: QueryWorker) -> None:
    texts = [f"Sentence number {i} " + "and more " * (i * 7 % 40) for i in range(9)]
    rows = querier.embed_sentences(MODEL, texts)
    assert rows.shape == (9, 384)
    for text, row in zip(texts, rows, strict=True):
        assert querier.embed_query(MODEL, text) @ row > 0.98
    assert querier.embed_sentences(MODEL, []).shape == (0, 384)


def test_figures_leave_the_loading_out_and_add_up(embedder: EmbedWorker) -> None:
    embedder.embed(MODEL, ["one"])
    first = embedder.cpu_seconds
    assert first < 0.2
    pid = embedder.child.pid
    assert pid is not None
    kill(pid)
    wait_until(lambda: embedder.child.pid is None)
    embedder.embed(MODEL, ["two three"])
    assert embedder.cpu_seconds > first
    assert embedder.tokens == 3 + 4


def test_nothing_to_embed_gives_no_rows(embedder: EmbedWorker) -> None:
    assert embedder.embed(MODEL, []).shape == (0, 384)


def test_more_text_than_a_frame_holds_is_embedded(embedder: EmbedWorker) -> None:
    texts = ["a " * 30_000, "b", "c " * 40_000, "\ud800 odd", ""]
    assert np.isfinite(embedder.embed(MODEL, texts)).all()


def test_a_missing_model_is_said_to_be_missing(embedder: EmbedWorker) -> None:
    with pytest.raises(EmbeddingModelUnavailable, match="not on this computer"):
        embedder.embed("BAAI/bge-small-en-v1.5", ["text"])


def test_cancelling_and_dying_cost_the_request_only(embedder: EmbedWorker) -> None:
    many = ["some words that go on " * 40] * 400
    token = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(embedder.embed, MODEL, many, cancel=token)
        wait_until(lambda: embedder.child.pid is not None)
        token.cancel()
        with pytest.raises(Cancelled):
            answer.result(5)
        answer = pool.submit(embedder.embed, MODEL, many)
        wait_until(lambda: embedder.child.pid is not None)
        pid = embedder.child.pid
        assert pid is not None
        kill(pid)
        with pytest.raises(WorkerCrashed, match="SIGKILL"):
            answer.result(5)
    assert len(embedder.embed(MODEL, ["after that"])) == 1


def test_questions_do_not_wait_for_passages(embedder: EmbedWorker, querier: QueryWorker) -> None:
    querier.warm(MODEL)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(embedder.embed, MODEL, ["some words that go on " * 40] * 300)
        wait_until(lambda: embedder.child.pid is not None)
        for number in range(5):
            assert querier.embed_query(MODEL, f"question {number}").shape == (384,)
        assert not answer.done()
        embedder.close()
        with pytest.raises(Cancelled):
            answer.result(5)


def test_the_children_are_small(embedder: EmbedWorker) -> None:
    embedder.embed(MODEL, ["some words that go on " * 60] * 20)
    assert psutil.Process(embedder.child.pid).memory_info().rss < 600 * 1024 * 1024
