"""Events on their way: message, spool, publisher, queue, and what checks their sender."""
