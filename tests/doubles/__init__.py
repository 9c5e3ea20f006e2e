"""Loopback servers that stand in for the outside world: real HTTP, scripted answers."""
