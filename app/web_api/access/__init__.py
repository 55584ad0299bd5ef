"""Authentication and authorisation: login, sessions, OpenID Connect, permissions, tokens."""
