"""`python -m kido` is `kido`."""

from kido.cli import main

if __name__ == "__main__":
    main()
