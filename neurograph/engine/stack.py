"""A row of lanes that lives while one compiled loop runs: on the stack, and from there in registers.

Nothing else can point to it. So the compiler need not write it to memory after every edge, as it must
with a row of an array, which it cannot tell from the rows that it reads.
"""

from __future__ import annotations

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, register_jitable

TILE = 32  # samples that such a row holds


@intrinsic
def _room_for_lanes(context, like):
    """Reserve room for TILE numbers of an array's type and return the pointer to it."""

    def generate(context, builder, signature, arguments):
        number = context.get_data_type(like.dtype)
        with builder.goto_entry_block():
            room = builder.alloca(ir.ArrayType(number, TILE))
        room.align = 64  # bytes: a whole vector register
        return builder.bitcast(room, number.as_pointer())

    return types.CPointer(like.dtype)(like), generate


@register_jitable
def stack_row(like):
    """Make a row of TILE numbers of the type of an array; what they are at first is undefined."""
    return numba.carray(_room_for_lanes(like), (TILE,))
