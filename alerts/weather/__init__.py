"""Weather that is wide where fire is local: found, told, and the cameras that it hazes."""
