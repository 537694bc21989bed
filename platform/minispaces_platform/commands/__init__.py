"""Commands by noun. Each imports what it does only when called, so that `minispaces` starts at once."""
