"""Templates and what they stand on: environment, colours, words, languages, links."""
