"""Text as numbers: encoders, topics with names, and what a person read, before the anchor only."""
