"""Training the small network: moments, losses, validation, and the run that holds them."""
