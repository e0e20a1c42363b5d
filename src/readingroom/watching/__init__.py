"""Hears of changes in folders."""
