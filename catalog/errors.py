"""Errors that the catalog package raises on purpose.

    CatalogError
    ├── NoCatalogError      no catalog stands at that place
    ├── ManifestError       an index or vector file was made with other parameters
    ├── StoreError          the database or a vector file cannot be read or written
    ├── BusyError           another process is writing to this catalog
    ├── SearchError         a query of the wrong shape or type
    ├── UnknownSongError    no song has that id
    ├── UnknownPlaylistError  no playlist has that id
    ├── UnknownPlayError    no play has that id
    ├── UnknownJobError     no job has that id
    ├── UnknownThemeError   no theme has that number
    ├── ExchangeError       there is nothing to take elsewhere
    ├── MissingExtraError   an optional part of nowhear is not installed
    ├── TasteError          listening data or a taste model that is missing, or says too little
    ├── DatasetError        a dataset's folder or file that is none, or cannot be read
    ├── LearningError       too little is known to learn from, or to tell
    └── LimitError          more than may be kept, or a name that may not

A message says what came, what was expected, and what to do.
"""


class CatalogError(Exception):
    """Base class of everything this package raises on purpose."""


class NoCatalogError(CatalogError):
    """No catalog stands at that place."""


class ManifestError(CatalogError):
    """What is stored was made with other parameters than those in force."""


class StoreError(CatalogError):
    """The database or a vector file cannot be read or written."""


class BusyError(CatalogError):
    """Another process is writing to this catalog."""


class SearchError(CatalogError):
    """A query has the wrong shape, type or values."""


class UnknownSongError(CatalogError):
    """No song in the catalog has that id."""


class UnknownPlaylistError(CatalogError):
    """No playlist has that id."""


class UnknownPlayError(CatalogError):
    """No play has that id."""


class UnknownJobError(CatalogError):
    """No job has that id."""


class MissingExtraError(CatalogError):
    """An optional part of nowhear is not installed."""


class ExchangeError(CatalogError):
    """There is nothing to take elsewhere."""


class LimitError(CatalogError):
    """More than may be kept, or a name that may not."""


class TasteError(CatalogError):
    """Listening data or a taste model is missing, or says too little."""


class DatasetError(CatalogError):
    """A dataset's folder or file is none, or cannot be read."""


class LearningError(CatalogError):
    """Too little is known to learn from, or to tell what was asked."""


class UnknownThemeError(CatalogError):
    """No theme has that number."""
