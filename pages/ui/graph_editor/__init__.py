"""The canvas on which a person draws the causal graph."""
