"""What each variable is for a question: to adjust for, or not, and why."""
