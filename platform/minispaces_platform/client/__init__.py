"""The other end: what a person's own machine needs to talk to a hub somewhere else."""
