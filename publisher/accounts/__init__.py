"""Who may do what at the desk, and the record of what was done."""
