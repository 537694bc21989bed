"""Making Spaces without git: from a starter, an upload, another repository or another Space."""
