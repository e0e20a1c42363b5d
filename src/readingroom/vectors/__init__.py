"""Qdrant behind core's vector stores: a shard on this computer, or a server."""
