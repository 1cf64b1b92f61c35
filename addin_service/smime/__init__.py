"""S/MIME for those whose organisation uses it: certificates read, messages put into an envelope.

Pure: no disk, no network, no clock. A certificate becomes the same `pgp.certificate.Certificate` as
an OpenPGP key, so that one state machine binds, confirms and lets expire both kinds.
"""
