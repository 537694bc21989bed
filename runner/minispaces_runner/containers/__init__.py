"""The parts of the Docker engine: apps as containers."""
