"""Boxes in which commands of tasks run, never on the bare host: bubblewrap, gVisor or Docker behind one interface."""
