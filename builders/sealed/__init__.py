"""Sealed ledgers: the replies of a release in one file, written, checked, read."""
