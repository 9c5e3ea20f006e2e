"""Servers of the field, one module each: how each of them sends a reasoning and an answer, after what its own sources say.

None of them uses anything of the module that reads replies. Each has `answered(asked, thought, text, cut=...)`, and `ROLE`, the
params by which a role asks it.
"""
