"""What is kept: studies and their revisions, immutable blobs, and the script that reproduces an answer."""
