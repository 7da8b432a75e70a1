"""Published figures beside ours: the references, the tables that they are about, and their recomputation."""
