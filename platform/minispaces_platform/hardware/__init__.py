"""Hardware: the flavours that admins define, and which of them a Space may have and has."""
