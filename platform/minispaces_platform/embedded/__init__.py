"""`minispaces up`: every part on one machine, from Python packages alone."""
