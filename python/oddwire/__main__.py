"""`python -m oddwire`: the same as the command `oddwire`."""

from oddwire.cli import main

if __name__ == "__main__":
    main()
