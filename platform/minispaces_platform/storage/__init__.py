"""Persistent storage: what a Space keeps at /data over versions, restarts and rollbacks."""
