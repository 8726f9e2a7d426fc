"""Dagster assets: each reads, calls one pure function, writes, and attaches metadata. No statistics here."""
