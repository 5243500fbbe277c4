"""Telling a receiver of what happens to pages, at least once and in order.

Events are made of the changes of a commit group, lie in the same file from the same commit on, and
are taken out of it when the receiver has them. Without a receiver nothing of this runs.
"""
