"""Where keys come from: what a file or a message offers, and what an offer would change. Pure.

An offer is only bytes that claim to be a key. It confirms nothing: a person does.
"""
