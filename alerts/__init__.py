"""Alerts: events to alerts to actions, without HTTP, Ray and screens.

Worker: `evidence.recorder` saves evidence, `queue.spool` buffers, `queue.publisher` sends. Centre:
`lifecycle.consumer` stores messages in the archive (`lifecycle.archive`), whose commands are the
officers' acts. `store` is shared; every other folder is one feature.
"""
