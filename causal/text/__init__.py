"""Text as numbers, what a person read before the anchor only, and texts that keep to the facts."""
