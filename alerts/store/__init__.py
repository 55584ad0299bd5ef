"""What all features share: database, migrations, the ledger that writers hold, the action log.

Beside them row seals, the outbox, command keys, backup, and what several centres agree on.
"""
