"""Real services for the tests: a database server, a broker, a mail server, a browser."""
