"""Readers and writers, one per file format: file in, arrays out."""

from pyg_skeleton.io.exp_map import read_exp_map, write_exp_map

__all__ = ["read_exp_map", "write_exp_map"]
