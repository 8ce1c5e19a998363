"""Getting editions and letters to inboxes, and the record of what became of each."""
