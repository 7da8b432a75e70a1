"""The graph as text: one file per format, parsers with limits, no file ever opened."""
