"""The version of the program; part of every result."""

__version__ = "0.1.0"
