"""The web API under /api/v1, the live stream of changes, and the files of the screens.

`application.create_app(services)` builds it; `server.serve` runs it until told to stop. Everything
here runs in the centre's process: sync archive calls in a bounded thread pool, streams on the loop.
"""
