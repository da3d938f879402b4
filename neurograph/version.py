"""The version of this library, for itself and for the files it writes."""

VERSION = "0.1.0"
