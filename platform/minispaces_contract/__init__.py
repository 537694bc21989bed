"""What the three rooms say to each other; it depends on none of them."""
