"""Rounds in Argilla: pushing rows, pulling decisions, how far a round is."""
