"""What a machine needs around the workers of a department's service: nginx, systemd, policies."""
