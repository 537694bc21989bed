"""GPUs: which there are, who holds one, who waits for one, and the door through which apps take turns."""
