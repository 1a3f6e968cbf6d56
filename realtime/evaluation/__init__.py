"""How well songs are named: queries of known answer, spoiled, put to the real thing, counted."""
