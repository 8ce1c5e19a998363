"""Mail as such: messages, the wire and a mailbox. It knows no reader and no edition."""
