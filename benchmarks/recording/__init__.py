"""What recording costs, and that no packet is missing outside a named gap."""
