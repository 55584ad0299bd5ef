"""Web API infrastructure: access, errors, messages, middleware, schemas.

Sync archive calls run in a bounded thread pool, streams on the loop.
"""
