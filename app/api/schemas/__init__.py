"""What the API speaks: the published schema, one module a matter."""
