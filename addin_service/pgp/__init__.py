"""OpenPGP: certificates read in bytes, keys bound to people, messages sealed by fingerprint.

`gpg.py` is the only file that runs gpg. Nothing here ever names a key by anything but its
fingerprint.
"""
