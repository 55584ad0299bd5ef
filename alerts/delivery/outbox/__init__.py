"""Transactional outbox: written with the change, routed to targets, delivered, retained."""
