"""Whether SumUp's own lists and our rows agree to the penny, day by day, and what is done where they do not.

Read `runs` first.
"""
