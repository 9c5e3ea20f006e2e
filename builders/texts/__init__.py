"""Texts: files people write, words, think blocks."""
