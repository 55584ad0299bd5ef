"""What may leave the site, written in the transaction of the change that it tells of."""
