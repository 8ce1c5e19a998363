"""The proof of an edition: its sums and stories, sealed, tabled, and compared years later."""
