"""Refuters: questions whose answer is known beforehand, put to the estimate; one file each, listed in `registry.py`."""
