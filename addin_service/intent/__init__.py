"""Who was meant? Evidence from the sender's own mail, and the ways in which a recipient goes wrong.

`evidence` says how well somebody fits a draft, `channels` how another person's address gets into
it, `weights` holds what the two are worth. Pure.
"""
