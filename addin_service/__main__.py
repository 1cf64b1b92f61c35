"""`python -m addin_service`."""

from addin_service.cli import main

if __name__ == "__main__":
    main()
