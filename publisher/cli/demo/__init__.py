"""`publisher demo`: an invented newsroom, from an article in a folder to an inbox, and the proof."""
