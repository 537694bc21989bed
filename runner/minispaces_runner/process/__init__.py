"""The parts of the process engine: apps as isolated child processes."""
