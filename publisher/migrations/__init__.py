"""Migrations of the store, run by path; the one package that knows every table."""
