"""Readers: a raw file as people export it becomes a frame of texts with row numbers.

Types, allowed values and keys belong in ``pipeline.validation``.
"""
