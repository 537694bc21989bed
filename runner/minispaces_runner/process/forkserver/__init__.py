"""Fork servers: one warm Python per environment and owner, whose children become apps in jails of their own."""
