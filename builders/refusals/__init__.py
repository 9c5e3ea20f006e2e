"""Does an answer refuse what was asked?"""
