"""Learning what datasets say of music: genres and tags, from styles, other vectors or sound."""
