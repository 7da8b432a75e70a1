"""What would happen under another treatment than the one observed."""
