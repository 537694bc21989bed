"""Who gets to which app: what the proxy knows, tickets and passes, guest links."""
