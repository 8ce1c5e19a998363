"""Feeds for partners: whole stories by contract, for whoever holds a token."""
