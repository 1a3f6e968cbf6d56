"""Which nowhear this is."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """nowhear's version as installed; "0+source" when it runs from a bare checkout."""
    try:
        return version("nowhear")
    except PackageNotFoundError:
        return "0+source"
