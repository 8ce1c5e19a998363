"""The newest stories as RSS, Atom and JSON Feed: files that readers pull."""
