"""A network whose hidden neurons each look at a patch of an image: locality as a graph."""

from __future__ import annotations

from itertools import product

import numpy as np

from neurograph.network.initialization import Seed, randomize_weights
from neurograph.network.schema import Net, require_activation
from neurograph.options import bad_option, require_count
from neurograph.theory.costs import MOST_EDGES, Cost, require_affordable
from neurograph.theory.drafting import Draft


def patch_network(
    height: int,
    width: int,
    *,
    patch: int = 3,
    stride: int | None = None,
    bits: int = 1,
    outputs: int = 1,
    activation: str = "tanh",
    output_activation: str = "logistic",
    seed: Seed = None,
    limit: int = MOST_EDGES,
) -> Net:
    """Build a network for images whose hidden neurons each look at a square patch of pixels.

    Parameters
    ----------
    height, width : int
        The size of the images in pixels.
    patch : int
        The height and width of a patch.
    stride : int, optional
        From one patch to the next, in pixels; ``patch`` without it, so that they do not overlap. Where the
        last patch would leave pixels over, one more lies flush with the edge. With a larger one, nobody
        looks at the pixels between: ``check`` calls them dead ends.
    bits : int
        The inputs of a pixel: 1 for its brightness, or as many as :func:`image_bits` was given.
    outputs : int
        The number of output neurons; each is fed by all hidden ones.
    activation, output_activation : str
        The functions of the hidden and of the output neurons.
    seed : int or numpy.random.Generator, optional
        For the weights, which :func:`neurograph.randomize_weights` draws by Glorot's rule.
    limit : int
        The most edges that are built.

    Returns
    -------
    networkx.DiGraph
        Its inputs are in the order of :func:`image_bits`. ``check`` finds nothing in it, unless the
        stride is larger than a patch. With hidden
        neurons that look at everything it would have height·width·bits edges for each of them.

    Raises
    ------
    OptionError
        If a number is too small, a patch is larger than the image, or there would be more edges than
        ``limit``.
    InvalidNetworkError
        If an activation is unknown.

    Examples
    --------
    >>> import neurograph as ng
    >>> net = ng.theory.patch_network(4, 6, patch=2, seed=0)
    >>> [len(layer) for layer in ng.layers(net)]
    [25, 7, 1]
    >>> sorted(net.pred[26])
    [1, 2, 7, 8, 25]
    """
    height, width, patch = _read_sizes(height, width, patch)
    step = patch if stride is None else require_count("stride", stride)
    depth, count = require_count("bits", bits), require_count("outputs", outputs)
    for name, where in ((activation, "activation"), (output_activation, "output_activation")):
        require_activation(name, where=where)
    hidden = _corner_count(height - patch, step) * _corner_count(width - patch, step)
    edges = hidden * (patch**2 * depth + 1) + count * (hidden + 1)
    cost = Cost(height * width * depth + 1 + hidden + 1 + count, edges)
    require_affordable(cost, limit, where="height", what=f"the network of {hidden:,} patches")
    draft = Draft()
    pixels = np.array(draft.inputs(height * width * depth)).reshape(height, width, depth)
    bias = draft.bias()
    looking = draft.hidden(hidden, activation)
    corners = product(_corners(height - patch, step), _corners(width - patch, step))
    for neuron, (row, column) in zip(looking, corners, strict=True):
        seen = pixels[row : row + patch, column : column + patch].ravel().tolist()
        draft.feed(neuron, dict.fromkeys([*seen, bias], 0.0))
    sources = [*looking, draft.bias()]
    for neuron in draft.outputs(count, output_activation):
        draft.feed(neuron, dict.fromkeys(sources, 0.0))
    randomize_weights(draft.net, method="glorot", seed=seed)
    return draft.net


def _read_sizes(height: int, width: int, patch: int) -> tuple[int, int, int]:
    """Read the sizes of the image and of a patch, which must fit into it."""
    sizes, side = {"height": height, "width": width}, require_count("patch", patch)
    for name, size in sizes.items():
        if side > require_count(name, size):
            raise bad_option("patch", patch, f"an integer of at most the {name}, {size}")
    return int(height), int(width), side


def _corner_count(room: int, step: int) -> int:
    """Count the places of patches along one axis with so much room to move, the last one at its end."""
    return -(-room // step) + 1


def _corners(room: int, step: int) -> list[int]:
    """List these places."""
    return [min(i * step, room) for i in range(_corner_count(room, step))]
