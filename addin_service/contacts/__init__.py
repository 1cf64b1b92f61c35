"""Contacts and mail history: files of other programs to rows, rows to a file that is safe to open.

Nothing here knows the database; everything is read as a stream, within budgets.
"""
