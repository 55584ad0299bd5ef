"""Event to alert to action. No HTTP, no Ray, no screens.

On a worker: `evidence.recorder` saves evidence, `queue.spool` keeps what is not yet queued,
`queue.publisher` carries it to the queue. In the centre: `lifecycle.consumer` takes it from the
queue into the archive (`lifecycle.archive`), whose commands are the officers' acts.

`store` is what all features share; every other folder is one feature with its records, tables,
reads, changes and rules. Importing this room does no work.
"""
