"""The command line: the door that opens on `publisher.cli.main`."""
