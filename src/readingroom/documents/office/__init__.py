"""Readers of office documents: slides, workbooks, OpenDocument, and old binary formats."""
