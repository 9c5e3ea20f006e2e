"""One folder a dataset family."""
