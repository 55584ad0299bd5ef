"""PTZ cameras: leases, commands, and the return to the home position."""
