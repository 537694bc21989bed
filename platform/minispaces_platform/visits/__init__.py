"""Visits: what the proxy counts of opened apps, kept by day."""
