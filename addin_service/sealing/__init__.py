"""What is sealed, and the shape in which it travels.

Pure: no gpg, no disk, no network, no clock. `mime` makes the mail that is encrypted and the one
that is sent around it; `inline` the text that is encrypted alone.
"""
