"""What is kept of embeddings."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from readingroom.core.embedding_forms import EmbeddingForm, Precision, shortened
from readingroom.embedding.matryoshka import shorter_dimensions


@given(arrays(np.float32, (3, 8), elements=st.floats(-1, 1, width=32)), st.integers(1, 10))
def test_shortened_rows_have_unit_length_and_point_the_same_way(rows: np.ndarray, dimension: int) -> None:
    rows = rows + np.float32(2)  # nowhere near nothing
    cut = shortened(rows, dimension)
    if dimension >= 8:
        assert cut is rows
        return
    assert cut.shape == (3, dimension)
    assert cut.dtype == np.float32
    assert np.linalg.norm(cut, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert np.allclose(
        cut * np.linalg.norm(rows[:, :dimension], axis=1, keepdims=True), rows[:, :dimension], atol=1e-4
    )
    assert np.allclose(shortened(rows[1], dimension), cut[1])


def test_numbers_that_are_all_nothing_stay_so() -> None:
    assert not shortened(np.zeros(8, np.float32), 4).any()


def test_the_room_that_a_form_takes() -> None:
    assert EmbeddingForm(384).size_bytes(1000) == 1_536_000
    assert EmbeddingForm(256, Precision.BYTE).size_bytes(1000) == 256_000


@pytest.mark.parametrize(
    ("name", "dimension", "shorter"),
    [
        ("all-MiniLM-L6-v2", 384, ()),
        ("nomic-ai/nomic-embed-text-v1", 768, ()),
        ("nomic-ai/nomic-embed-text-v1.5-Q", 768, (512, 256, 128, 64)),
        ("mixedbread-ai/mxbai-embed-large-v1", 1024, (512, 256, 128, 64)),
        ("google/embeddinggemma-300m", 768, (512, 256, 128)),
        ("snowflake/snowflake-arctic-embed-m", 768, ()),
        ("local/snowflake-arctic-embed-m-v1.5", 768, (256,)),
        ("local/a-small-qwen3-embedding", 256, (128, 64)),
    ],
)
def test_models_that_may_be_cut_are_known_by_name(
    name: str, dimension: int, shorter: tuple[int, ...]
) -> None:
    assert shorter_dimensions(name, dimension) == shorter


@pytest.mark.parametrize(
    ("config", "shorter"),
    [
        ('{"matryoshka_dimensions": [64, 256, 384, 128, 0, -5, "32", 1.5, 256]}', (256, 128, 64)),
        ('{"matryoshka_dimensions": 64}', ()),
        ("[]", ()),
        ("not json", ()),
        ("[" * 100_000, ()),
    ],
)
def test_a_folder_may_say_to_which_dimensions_its_model_may_be_cut(
    tmp_path: Path, config: str, shorter: tuple[int, ...]
) -> None:
    (tmp_path / "config.json").write_text(config)
    assert shorter_dimensions("local/mine", 384, tmp_path) == shorter


def test_what_is_known_by_name_holds_where_the_folder_says_nothing(tmp_path: Path) -> None:
    assert shorter_dimensions("local/nomic-embed-text-v1.5", 768, tmp_path) == (512, 256, 128, 64)
