"""Evidence over HTTP: pictures and films, legal holds; what the centre deletes and sends away."""
