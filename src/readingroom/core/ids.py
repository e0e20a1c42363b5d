"""Identifiers of what the catalog keeps; plain integers that cannot be mixed up under mypy."""

from typing import NewType

WorkspaceId = NewType("WorkspaceId", int)
SourceId = NewType("SourceId", int)
DocumentId = NewType("DocumentId", int)
IndexId = NewType("IndexId", int)
ChunkId = NewType("ChunkId", int)
"""Also the id of the chunk's point in the vector store; never used twice."""
ThreadId = NewType("ThreadId", int)
MessageId = NewType("MessageId", int)
