"""Embedding models behind core's ports: fastembed, their files, cutting to fit their token windows."""
