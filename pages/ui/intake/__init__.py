"""How files of any size come in: one place to drop them, a route that streams large ones to disk, a folder's list."""
