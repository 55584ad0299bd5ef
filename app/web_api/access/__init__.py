"""Who asks and what they may: login, sessions, OpenID Connect, permissions, tokens."""
