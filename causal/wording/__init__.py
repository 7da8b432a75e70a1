"""Results as sentences, numbers as people read them, and the glossary."""
