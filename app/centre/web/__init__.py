"""The web application of the centre: its routes put together, its server, the screens' files."""
