"""How long work may take before a test calls it a hang: what grows without bound takes longer, a busy machine does not.

How long each takes is measured in tests/bench/at_once.py.
"""

SECONDS_OF_A_HANG = 20.0
"""Of processor time, of this process."""
