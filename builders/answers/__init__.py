"""Are two answers to a mathematical problem the same?"""
