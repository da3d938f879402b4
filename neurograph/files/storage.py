"""Networks in files: the ending of the name chooses the format."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from neurograph.errors import FileFormatError, shown, shown_list
from neurograph.files.atomic import write_bytes
from neurograph.files.json_format import MOST_EDGES, MOST_NODES
from neurograph.files.json_reading import read_network
from neurograph.files.json_writing import dumps
from neurograph.files.problems import one_problem
from neurograph.files.reading import MOST_BYTES, path_shown, path_text, read_bytes
from neurograph.network.schema import Net


class Format(NamedTuple):
    """A file format: how a network becomes its text, and how its bytes become a network."""

    write: Callable[[Net], str]
    read: Callable[..., Net]


FORMATS: Mapping[str, Format] = MappingProxyType({".json": Format(dumps, read_network)})
"""The formats by the ending of the file's name."""


def save(net: Net, path: str | os.PathLike[str]) -> None:
    """Save a network to a file, whole or not at all.

    Parameters
    ----------
    net : networkx.DiGraph
        A network without errors, which is only read. What its attributes may be, :func:`dumps` says.
    path : str or path
        The file, new or old; its name ends in ``.json``. An old file keeps its mode, and stays as it
        was if anything goes wrong. Where the path is a symbolic link, the file behind it is written.

    Raises
    ------
    FileFormatError
        If no format has this ending, or an attribute cannot be stored exactly.
    InvalidNetworkError
        If the network has errors; all are listed.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import neurograph as ng
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(ng.example_network(), pathlib.Path(folder, "net.json"))
    ...     net = load(pathlib.Path(folder, "net.json"))
    >>> len(net), ng.weights(net)[4, 6]
    (9, -0.25)
    """
    write_bytes(path, _format_of(path).write(net).encode())


def load(
    path: str | os.PathLike[str],
    *,
    strict: bool = True,
    most_bytes: int = MOST_BYTES,
    most_nodes: int = MOST_NODES,
    most_edges: int = MOST_EDGES,
) -> Net:
    """Load a network from a file; nothing in a file is ever run, imported or followed.

    Parameters
    ----------
    path : str or path
        The file; its name ends in ``.json``.
    strict : bool
        Whether the network must be without errors. If False, a sound file's network comes back as it
        is, for :func:`neurograph.check` to report on.
    most_bytes, most_nodes, most_edges : int
        How large it may be. For files of strangers, choose less than the usual limits.

    Returns
    -------
    networkx.DiGraph
        With the keys, attributes, weights and orders of the network that was saved.

    Raises
    ------
    OSError
        If the file is not there or may not be read.
    FileFormatError
        If it is not sound as a file, as :func:`loads` says; all places are listed.
    InvalidNetworkError
        If its network is not sound; all problems are listed. It is a ``WeightError`` where all are
        about weights.

    Examples
    --------
    >>> load("net.txt")
    Traceback (most recent call last):
    neurograph.errors.FileFormatError: 'net.txt': no format has the ending '.txt'; \
expected a name that ends in '.json'. Fix: rename the file.
    """
    data_format = _format_of(path)
    data = read_bytes(path, most_bytes=most_bytes)
    return data_format.read(
        data,
        strict=strict,
        name=path_shown(path),
        most_bytes=most_bytes,
        most_nodes=most_nodes,
        most_edges=most_edges,
    )


def _format_of(path: str | os.PathLike[str]) -> Format:
    name = path_text(path)
    ending = os.path.splitext(name)[1]
    if ending.lower() in FORMATS:
        return FORMATS[ending.lower()]
    raise one_problem(
        FileFormatError,
        f"no format has the ending {shown(ending)}" if ending else "the name has no ending",
        code="unknown-format",
        where=path_shown(path),
        expected=f"a name that ends in {shown_list(FORMATS)}",
        fix="rename the file",
    )
