"""The text's theorems as code that runs: matrices, boolean functions, approximation, products, counting."""

from neurograph.theory.assembly import from_matrices
from neurograph.theory.boolean import (
    boolean_cost,
    boolean_inputs,
    boolean_lower_bound,
    boolean_network,
    set_boolean_function,
)
from neurograph.theory.boolean_search import BooleanSearch, minimal_boolean_network
from neurograph.theory.costs import Cost
from neurograph.theory.counting import (
    Count,
    boolean_function_count,
    configuration_count,
    image_count,
    round_count,
    text_count,
    weights_needed,
)
from neurograph.theory.deep_products import deep_product, deep_product_cost
from neurograph.theory.flat_products import (
    flat_product,
    flat_product_cost,
    multiplication_gate,
    product_error,
)
from neurograph.theory.linear import LinearMap, collapse, linear_map
from neurograph.theory.matrices import Decomposition, layer_matrices

__all__ = [
    # matrices
    "layer_matrices", "Decomposition", "from_matrices", "linear_map", "LinearMap", "collapse",
    # boolean functions
    "boolean_network", "set_boolean_function", "boolean_inputs", "boolean_cost", "boolean_lower_bound",
    "minimal_boolean_network", "BooleanSearch",
    # products
    "multiplication_gate", "product_error", "deep_product", "deep_product_cost", "flat_product",
    "flat_product_cost",
    # cost and counting
    "Cost", "Count", "image_count", "text_count", "configuration_count", "round_count",
    "boolean_function_count", "weights_needed",
]  # fmt: skip
