"""Rows from outside: files and Hub datasets in many formats, and the tables that declare them."""
