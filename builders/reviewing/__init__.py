"""Review rounds: people check rows, and the release obeys them."""
