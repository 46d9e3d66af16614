"""Holding a results folder against its recomputation: bytes, seals, tables, cells, and why they differ."""
