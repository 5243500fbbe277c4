"""The Graph API's shape of the backend: other paths, words and errors for the same decisions.

Nothing is decided here. An operation hands its action to the handler of the reference interface and
puts the answer into the words of the other one.
"""
