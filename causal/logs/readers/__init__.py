"""One file per way in which rows come: each gives names, typed batches and notes."""
