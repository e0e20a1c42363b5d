"""The bundled model's session: a fused graph that is the program's own, over the weights in the model's package."""

from pathlib import Path
from typing import Any


def give_session(embedding: Any, graph: Path, weights: Path, tokenizer: Path) -> None:
    """Have a fastembed model that was not loaded yet run a graph that `packaging/bundled_graph.py` wrote.

    `tokenizer` is the folder of its files. Inputs and outputs are those of the model as its package has it, and so are the
    embeddings, for an eighth less of CPU time (ADR 29). Raises what onnxruntime and tokenizers do, and `OSError`.
    """
    from fastembed.common.preprocessor_utils import load_tokenizer

    embedding.model = _session(graph, weights)
    embedding.tokenizer, embedding.special_token_to_id = load_tokenizer(model_dir=tokenizer)


def _session(graph: Path, weights: Path) -> Any:
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # This unpacks the weights. The fusions that more would bring put a slower normalisation in again.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # Copied while the session is made: it need not outlive that.
    file = weights.read_bytes()
    options.add_external_initializers_from_files_in_memory([weights.name], [file], [len(file)])
    return onnxruntime.InferenceSession(graph.read_bytes(), options, providers=["CPUExecutionProvider"])
