"""Files: networks as JSON, tables of data as CSV."""

from neurograph.files.json_reading import loads
from neurograph.files.json_writing import dumps
from neurograph.files.storage import load, save
from neurograph.files.tables import format_csv, parse_csv, read_csv

__all__ = ["dumps", "format_csv", "load", "loads", "parse_csv", "read_csv", "save"]
