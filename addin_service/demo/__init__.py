"""The invented council of the demo: its contacts, and mails that its staff are about to send."""
