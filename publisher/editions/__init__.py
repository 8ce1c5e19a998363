"""Who shall get what: slots, selection by the ledger, variants, enlisting and rendering."""
