"""`python -m realtime` is `nowhear`."""

from realtime.cli.start import main

if __name__ == "__main__":
    main()
