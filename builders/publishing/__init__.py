"""Releases to a Hub or a folder, as versions that were read back."""
