"""Adapters that bring articles in; each hands over `newsroom.incoming.Incoming`."""
