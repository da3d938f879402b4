"""The text's theorems as code that runs: matrices, boolean functions, approximation, products, counting."""

from neurograph.theory.approximation import Approximation, approximate, approximation_cost
from neurograph.theory.assembly import from_matrices
from neurograph.theory.bits import image_bits, image_from_bits, text_bits, text_from_bits
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
from neurograph.theory.formulas import gradient_formula, loss_formula
from neurograph.theory.hierarchy import GenerativeTree, generative_tree
from neurograph.theory.linear import LinearMap, collapse, linear_map
from neurograph.theory.matrices import Decomposition, layer_matrices
from neurograph.theory.matrix_products import edges_needed, matrix_product_network, strassen_network
from neurograph.theory.patches import patch_network
from neurograph.theory.paths import GradientPath, count_paths, count_steps, gradient_paths
from neurograph.theory.undoing import DepthComparison, compare_depths, shallow_network, undoing_network

__all__ = [
    # matrices
    "layer_matrices", "Decomposition", "from_matrices", "linear_map", "LinearMap", "collapse",
    # boolean functions
    "boolean_network", "set_boolean_function", "boolean_inputs", "boolean_cost", "boolean_lower_bound",
    "minimal_boolean_network", "BooleanSearch",
    # approximation
    "approximate", "Approximation", "approximation_cost",
    # products
    "multiplication_gate", "product_error", "deep_product", "deep_product_cost", "flat_product",
    "flat_product_cost", "matrix_product_network", "strassen_network", "edges_needed",
    # inputs of bits
    "image_bits", "image_from_bits", "text_bits", "text_from_bits", "patch_network",
    # backpropagation as a sum over paths
    "gradient_paths", "GradientPath", "count_paths", "count_steps", "loss_formula", "gradient_formula",
    # hierarchy
    "generative_tree", "GenerativeTree", "undoing_network", "shallow_network", "compare_depths",
    "DepthComparison",
    # cost and counting
    "Cost", "Count", "image_count", "text_count", "configuration_count", "round_count",
    "boolean_function_count", "weights_needed",
]  # fmt: skip
