"""Variables and secrets of Spaces."""
