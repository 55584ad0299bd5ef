"""Store: database, migrations, ledger, action log.

Also row seals, outbox, idempotency keys, backup, and coordination of centres.
"""
