"""Which version serves, and with what: rollbacks, promotions, previews, held deploys."""
