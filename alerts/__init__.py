"""Event to alert to action: evidence, spool, queue, archive, and the life of an alert.

On a worker: `Recorder` saves evidence, `Spool` keeps what is not yet queued, `Publisher` carries it
to the queue. In the centre: `Consumer` takes it from the queue into the `Archive`, whose commands
are the officers' acts. Importing this room does no work.
"""
