"""Results as pictures: result in, Plotly figure out, one figure per file; the style is in theme.py."""
