"""Opening what comes in: what a mail is made of, what is sealed in it, who signed that.

Nothing is shown before gpg has said that the whole of it is what was sealed; HTML is never drawn.
"""
