"""Structural equations with latent variables: read from text or a graph, checked for identification, fitted."""
