"""Logs: reading them, their problems, their columns, and the table of units that comes of them."""
