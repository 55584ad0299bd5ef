"""The commands about who may enter: officers, programs, cameras' logins, workers' keys."""
