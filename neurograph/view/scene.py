"""What is to be drawn: a network, the numbers on it, and where all of it stands."""

from __future__ import annotations

from dataclasses import dataclass

from neurograph.view.marking import Lit, Numbers
from neurograph.view.placing import Placement
from neurograph.view.reading import Reading


@dataclass(frozen=True)
class Scene:
    """Everything that neurons, edges and captions are drawn from; ``live`` is for the player."""

    reading: Reading
    numbers: Numbers | None
    lit: Lit
    placement: Placement
    live: bool = False

    @property
    def values(self) -> bool:
        """Whether neurons show their value."""
        return self.placement.sizes.font >= 11 and (self.live or self.numbers is not None)

    @property
    def deltas(self) -> bool:
        """Whether neurons show their delta, too."""
        return self.values and (self.live or bool(self.numbers and self.numbers.delta))

    def neuron_classes(self, i: int) -> tuple[str, ...]:
        """What a neuron is, and in which state."""
        mark = self.reading.neuron_marks.get(i)
        states = [f"ng-{mark}"] if mark else []
        states += ["ng-lit"] if i == self.lit.neuron else []
        return ("ng-neuron", f"ng-kind-{self.reading.kinds[i]}", *states)

    def edge_states(self, k: int) -> tuple[str, ...]:
        """The sign of an edge's weight, and its states."""
        weight, mark = self.reading.weights[k], self.reading.edge_marks.get(k)
        sign = [] if not weight else ["ng-positive"] if weight > 0 else ["ng-negative"]
        states = ["ng-frozen"] if self.reading.frozen[k] else []
        states += [f"ng-{mark}"] if mark else []
        states += ["ng-lit"] if k in self.lit.edges else []
        return (*sign, *states)
