"""Embeddings as raw little-endian float32 bytes, with their shape checked on arrival."""

import numpy as np
from numpy.typing import NDArray

from readingroom.core.ports import Embeddings
from readingroom.worker.protocol import ProtocolBroken

_WIRE = np.dtype("<f4")


def to_bytes(embeddings: NDArray[np.float32]) -> bytes:
    """Write one embedding or several."""
    return np.ascontiguousarray(embeddings, _WIRE).tobytes()


def from_bytes(blob: bytes, rows: int, dimension: int) -> Embeddings:
    """Read `rows` embeddings. Raises `ProtocolBroken` when the bytes are not that many finite numbers."""
    if rows < 0 or dimension < 0 or len(blob) != rows * dimension * _WIRE.itemsize:
        raise ProtocolBroken("Embeddings have another size than agreed.")
    embeddings = np.frombuffer(blob, _WIRE).astype(np.float32).reshape(rows, dimension)
    if not np.isfinite(embeddings).all():
        raise ProtocolBroken("Embeddings hold what is no number.")
    return embeddings
