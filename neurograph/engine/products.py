"""Dense blocks as matrix products over lanes, planned once: what each reads, and where it writes first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurograph.engine.lanes import Array, Scratch
from neurograph.engine.layout import Block, Layout


@dataclass(frozen=True)
class Product:
    """One dense block. W are its weights, Y the values of its sources, Δ the ∂L/∂z of its neurons.

    ``asked`` says that a source computes: nobody asks for ∂L/∂x of inputs. ``fresh`` says that nothing has
    been handed back to any source when the turn of this block comes.
    """

    block: Block
    neurons: slice
    sources: slice
    asked: bool
    fresh: bool

    def forward(self, weights: Array, rows: Scratch) -> None:
        """Z = W·Y."""
        np.matmul(self.block.matrix(weights), rows.values[self.sources], out=rows.adjoints[self.neurons])

    def backward(self, weights: Array, rows: Scratch, gradient: Array, *, empty: bool) -> None:
        """∂L/∂Y = Wᵀ·Δ and ∂L/∂W = Δ·Yᵀ, both added to what is there, if anything is."""
        values, deltas = rows.values[self.sources], rows.adjoints[self.neurons]
        if self.asked:
            _multiply(self.block.matrix(weights).T, deltas, rows.adjoints[self.sources], empty=self.fresh)
        _multiply(deltas, values.T, self.block.matrix(gradient), empty=empty)


def _multiply(left: Array, right: Array, into: Array, *, empty: bool) -> None:
    if empty:
        np.matmul(left, right, out=into)
    else:
        into += left @ right


@dataclass(frozen=True)
class Products:
    """All dense blocks of a layout, in its order, and which rows of adjoints must be 0 before a walk back."""

    steps: tuple[Product, ...]
    cleared: NDArray[np.intp]


def plan_products(layout: Layout) -> Products:
    """Follow a walk back once, to see which block writes first to the rows of its sources.

    Outputs have an adjoint of their own from the start. A row that no block is first to write to is cleared.
    """
    steps: list[Product] = []
    written = np.zeros(len(layout.neurons), dtype=bool)
    written[layout.outputs] = True
    cleared = ~written
    for block in reversed(layout.blocks):
        sources = slice(block.first_source, block.last_source)
        asked, fresh = bool((layout.activation[sources] >= 0).any()), not written[sources].any()
        if asked:
            written[sources] = True
            cleared[sources] &= not fresh
        steps.append(Product(block, slice(block.first, block.last), sources, asked, fresh))
    return Products(tuple(reversed(steps)), np.flatnonzero(cleared & (layout.activation >= 0)))
