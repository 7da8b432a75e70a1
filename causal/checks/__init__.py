"""Judgements on an answer: balance, overlap, and what they mean together."""
