"""What an article is and what may happen to it."""
