"""Reading lists of members: what a file is, which column means what, and what stands in its rows. Pure.

Nothing is dropped on the way: each record of a file is either a row to take or a problem with a row number.
"""
