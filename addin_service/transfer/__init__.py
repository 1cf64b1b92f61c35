"""Moving a whole record: from one database to another, into a backup and out of it."""
