"""Simulated logs whose true effects are known, one file each."""
