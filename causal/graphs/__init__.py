"""The causal graph: what it is, how it is written, and what can be read from it."""
