"""Store: database, migrations, ledger, action log."""
