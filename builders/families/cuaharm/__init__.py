"""CUAHarm."""
