"""The transactional outbox: written with the change, routed to targets, delivered, kept a while."""
