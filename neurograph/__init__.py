"""Neural networks as explicit graphs: every neuron a node, every weight an edge, every number explained.

>>> import neurograph as ng
>>> net = ng.example_network()
>>> ng.layers(net)
[[1, 2], [3, 4, 5], [6, 7, 8], [9]]
>>> trace = ng.backward(net, [0.5], [1.0])
>>> trace.gradient[4, 6] == trace.value[4] * trace.delta[6]
True
"""

from typing import TYPE_CHECKING

from neurograph import launch  # noqa: F401 - first of all: what follows takes a while
from neurograph.errors import (
    CheckpointError,
    ChecksumError,
    DataError,
    DivergedError,
    FileFormatError,
    InvalidNetworkError,
    LimitError,
    MissingExtraError,
    NeurographError,
    NotLayeredError,
    OptionError,
    UnsafeFileError,
    VersionError,
    WeightError,
    WorkerError,
)
from neurograph.functions import ACTIVATIONS, LOSSES, Activation, Loss, register_activation
from neurograph.network import (
    CODES,
    Finding,
    Report,
    Witness,
    add_bias,
    add_hidden,
    add_input,
    add_output,
    add_relays,
    biases,
    check,
    connect,
    example_network,
    freeze,
    inputs,
    is_feed_forward,
    is_layered,
    kind,
    layers,
    levels,
    mlp,
    outputs,
    random_network,
    randomize_weights,
    split_edge,
    topological_order,
    unfreeze,
    validate,
    weights,
)
from neurograph.version import VERSION
from neurograph.walk import (
    GradientCheck,
    Step,
    Trace,
    backward,
    backward_steps,
    check_gradients,
    forward,
    forward_steps,
)

if TYPE_CHECKING:
    from neurograph import theory as theory
    from neurograph.engine import Program, compile_network
    from neurograph.files import dumps, load, loads, read_csv, save
    from neurograph.learning import (
        SGD,
        Adam,
        Constant,
        ExponentialDecay,
        History,
        InverseTimeDecay,
        LossCurve,
        LossSurface,
        Restarts,
        RMSprop,
        Rprop,
        Search,
        StepDecay,
        exhaustive_search,
        fit,
        loss_curve,
        loss_surface,
        restarts,
        resume,
        search_rounds,
    )
    from neurograph.view import (
        Drawing,
        Page,
        draw,
        explore,
        plot_activations,
        plot_decision_surface,
        plot_history,
        plot_loss_curve,
        plot_loss_surface,
        plot_restarts,
        to_dot,
        to_mermaid,
        to_tikz,
        widget,
    )

__version__ = VERSION

__all__ = [
    # build
    "add_input", "add_bias", "add_hidden", "add_output", "connect",
    "example_network", "mlp", "random_network", "randomize_weights",
    # ask
    "kind", "inputs", "outputs", "biases", "weights",
    "topological_order", "is_feed_forward", "is_layered", "layers", "levels",
    "check", "validate", "Report", "Finding", "Witness", "CODES",
    # edit
    "split_edge", "freeze", "unfreeze", "add_relays",
    # functions
    "ACTIVATIONS", "Activation", "register_activation", "LOSSES", "Loss",
    # walk
    "forward", "backward", "forward_steps", "backward_steps", "Trace", "Step",
    "check_gradients", "GradientCheck",
    # compile
    "compile_network", "Program",
    # learn
    "fit", "resume", "SGD", "RMSprop", "Adam", "Rprop", "History",
    "Constant", "StepDecay", "ExponentialDecay", "InverseTimeDecay",
    "restarts", "Restarts", "exhaustive_search", "search_rounds", "Search",
    "loss_curve", "LossCurve", "loss_surface", "LossSurface",
    # files
    "save", "load", "dumps", "loads", "read_csv",
    # see
    "draw", "Drawing", "explore", "Page", "widget", "to_dot", "to_tikz", "to_mermaid",
    "plot_history", "plot_restarts", "plot_loss_curve", "plot_loss_surface",
    "plot_decision_surface", "plot_activations",
    # errors
    "NeurographError", "InvalidNetworkError", "NotLayeredError", "WeightError", "DataError", "OptionError",
    "FileFormatError", "UnsafeFileError", "LimitError", "ChecksumError", "VersionError",
    "CheckpointError", "DivergedError", "WorkerError", "MissingExtraError",
    "__version__",
]  # fmt: skip

_ENGINE = {"Program", "compile_network"}
_FILES = {"dumps", "load", "loads", "read_csv", "save"}
_VIEW = {
    "Drawing", "Page", "draw", "explore", "plot_activations", "plot_decision_surface", "plot_history",
    "plot_loss_curve", "plot_loss_surface", "plot_restarts", "to_dot", "to_mermaid", "to_tikz",
    "widget",
}  # fmt: skip

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import the rooms that not every session needs when one of their names is first asked for."""
        if name == "theory":
            import neurograph.theory as theory

            return theory
        if name in _ENGINE:
            import neurograph.engine as room
        elif name in _FILES:
            import neurograph.files as room
        elif name in _VIEW:
            import neurograph.view as room
        elif name in __all__:
            import neurograph.learning as room
        else:
            raise AttributeError(f"module 'neurograph' has no attribute {name!r}")
        return getattr(room, name)

    def __dir__() -> list[str]:
        """List the public names, those of rooms that are not imported yet, too."""
        return sorted([*__all__, "theory"])
