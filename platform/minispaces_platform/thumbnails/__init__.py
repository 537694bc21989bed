"""Pictures of apps: taken by a browser once a version is live, or named by the README."""
