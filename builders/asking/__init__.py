"""Asking models about rows: many requests in flight, replies in order, what a stage asked and paid."""
