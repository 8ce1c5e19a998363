"""`publisher demo`: an invented newsroom, from articles in a folder to inboxes, and its proof."""
