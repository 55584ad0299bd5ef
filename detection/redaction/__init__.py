"""What of a picture strangers must not recognise: people, and vehicles where their plates are."""
