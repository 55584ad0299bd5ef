"""Units that can be sent: kept, listed from files, the nearest found, proposed by run cards."""
