"""What a table costs under zCDP, and the ledger and anchor that keep the lifetime budget."""
