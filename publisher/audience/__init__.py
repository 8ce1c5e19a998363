"""Readers: newsletters, who subscribed to them and agreed to what, letters, suppression, links."""
