"""Questions beyond one contrast: many arms, groups, doses, every candidate cause, other measures."""
