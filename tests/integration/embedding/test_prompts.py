"""What models want said before a text, for every model that can be chosen."""

import json
from pathlib import Path

import pytest

from readingroom.embedding.catalogue import list_models
from readingroom.embedding.prompts import NONE, Prompts, cache_key, prompts_in, prompts_of


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("intfloat/multilingual-e5-large", "query: ", "passage: "),
        ("nomic-ai/nomic-embed-text-v1.5-Q", "search_query: ", "search_document: "),
        ("BAAI/bge-small-en-v1.5", "Represent this sentence for searching relevant passages: ", ""),
        (
            "snowflake/snowflake-arctic-embed-m",
            "Represent this sentence for searching relevant passages: ",
            "",
        ),
        ("snowflake-arctic-embed-m-v2.0", "query: ", ""),
        (
            "mixedbread-ai/mxbai-embed-large-v1",
            "Represent this sentence for searching relevant passages: ",
            "",
        ),
        ("sentence-transformers/all-MiniLM-L6-v2", "", ""),
        ("jinaai/jina-embeddings-v3", "", ""),
    ],
)
def test_a_model_is_told_what_its_makers_trained_it_with(name: str, query: str, passage: str) -> None:
    assert prompts_of(name) == Prompts(query, passage)


def test_embeddings_go_by_what_is_said_before_passages() -> None:
    assert cache_key("all-MiniLM-L6-v2") == "all-MiniLM-L6-v2"
    assert cache_key("BAAI/bge-small-en-v1.5") == "BAAI/bge-small-en-v1.5", "nothing is said before a passage"
    assert "search_document: " in cache_key("nomic-ai/nomic-embed-text-v1.5")


def test_every_model_that_fastembed_says_needs_words_has_them(tmp_path: Path) -> None:
    """A model that is new in fastembed shows up here."""
    from fastembed import TextEmbedding

    offered = {model.name for model in list_models(tmp_path)}
    needing = {
        entry["model"]
        for entry in TextEmbedding.list_supported_models()
        if "documents: necessary" in entry["description"] or "documents: `" in entry["description"]
    }
    assert [name for name in sorted(needing & offered) if prompts_of(name) == NONE] == []


def test_a_model_for_pictures_or_half_of_a_pair_is_not_offered(tmp_path: Path) -> None:
    offered = {model.name for model in list_models(tmp_path)}
    assert not offered & {
        "Qdrant/clip-ViT-B-32-text",
        "Qdrant/constella-zero",
        "Qdrant/stella-en-400M-v5-doc-onnx",
    }
    assert {"BAAI/bge-small-en-v1.5", "intfloat/multilingual-e5-large"} <= offered


def test_what_a_passage_is_told_is_taken_off_its_room(tmp_path: Path) -> None:
    rooms = {model.name: model.max_tokens for model in list_models(tmp_path)}
    assert rooms["intfloat/multilingual-e5-large"] < rooms["BAAI/bge-large-en-v1.5"] == 512


def test_languages_are_said_in_few_words(tmp_path: Path) -> None:
    said = {model.name: model.languages for model in list_models(tmp_path)}
    assert said["intfloat/multilingual-e5-large"] == "100 languages"
    assert said["jinaai/jina-embeddings-v2-base-de"] == "German, English"
    assert said["jinaai/jina-embeddings-v2-base-code"] == "English, code"
    assert said["BAAI/bge-small-zh-v1.5"] == "Chinese"
    assert all(said.values())


def test_a_folder_says_itself_what_its_model_wants(tmp_path: Path) -> None:
    file = tmp_path / "config_sentence_transformers.json"
    assert prompts_in(tmp_path) is None
    file.write_text(json.dumps({"prompts": {"query": "ask: ", "document": "text: "}}))
    assert prompts_in(tmp_path) == Prompts("ask: ", "text: ")
    for odd in ("[]", "{", '{"prompts": []}', '{"prompts": {"query": 3}}', '{"prompts": {}}'):
        file.write_text(odd)
        assert prompts_in(tmp_path) is None
