"""`publisher drill`: workers die while they send, and then everybody is counted."""
