"""What Thunderbird starts itself: hands its add-in the way to the service, and starts that."""
