"""Servers that write answers: Ollama."""
