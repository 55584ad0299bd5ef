"""The outbox under random deaths: how long 10,000 deliveries take, and whether all is in order."""
