"""How strong a cause that nobody measured would have to be: one file per paper, from numbers that are already there."""
