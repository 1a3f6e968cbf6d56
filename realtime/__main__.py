"""`python -m realtime` is `nowhear`."""

from realtime.cli.main import main

if __name__ == "__main__":
    main()
