"""Events on their way: message schema, spool, publisher, queue, consumer."""
