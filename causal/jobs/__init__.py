"""Fits outside the web process: a job table, warm workers, progress, cancel, and attaching again."""
