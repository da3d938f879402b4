"""An SVG read back, as a reader of files would: elements, numbers and places."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

SVG = "{http://www.w3.org/2000/svg}"


class Svg:
    """A drawing parsed from its text."""

    def __init__(self, text):
        self.root = ET.fromstring(text)
        assert self.root.tag == f"{SVG}svg"
        self.parents = {child: parent for parent in self.root.iter() for child in parent}

    def all(self, *classes):
        """The elements that have all these classes."""
        return [each for each in self.root.iter() if set(classes) <= set((each.get("class") or "").split())]

    def neuron(self, i):
        (found,) = [each for each in self.all("ng-neuron") if each.get("data-neuron") == str(i)]
        return found

    def edge(self, k):
        (found,) = [each for each in self.all("ng-edge") if each.get("data-edge") == str(k)]
        return found

    def text_of(self, group, name):
        """The text of the part of a group that has a class; None where there is none."""
        found = [each for each in group.iter(f"{SVG}text") if f"ng-{name}" in each.get("class").split()]
        return "".join(found[0].itertext()) if found else None

    def labels(self, name):
        """What is written on edges, by the number of the edge."""
        return {
            int(each.get("data-edge")): "".join(each.itertext())
            for each in self.root.iter(f"{SVG}text")
            if f"ng-{name}" in each.get("class").split()
        }

    def title(self, group):
        return group.find(f"{SVG}title").text

    def box(self, group, name):
        """The rectangle around the part of a group that has a class: left, top, right, bottom."""
        (path,) = [each for each in group if f"ng-{name}" in each.get("class", "").split()]
        points = places(path.get("d"))
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return min(xs), min(ys), max(xs), max(ys)

    def centre(self, i):
        left, top, right, bottom = self.box(self.neuron(i), "shape")
        return (left + right) / 2, (top + bottom) / 2

    def line(self, k):
        """The points along the line of an edge."""
        (path,) = [each for each in self.edge(k) if each.get("class") == "ng-line"]
        return walked(path.get("d"))

    def tip(self, k):
        """The point of the arrowhead of an edge."""
        (path,) = [each for each in self.edge(k) if each.get("class") == "ng-arrow"]
        return places(path.get("d"))[0]


def places(path):
    numbers = list(map(float, re.findall(r"-?\d+(?:\.\d+)?", path)))
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def walked(path, each=20):
    """Points along a path of lines and cubic curves, by de Casteljau."""
    found = []
    for letter, rest in re.findall(r"([MLCZ])([^MLCZ]*)", path):
        points = places(rest)
        if letter in "CL":
            handles = [found[-1], *points]
            found += [_casteljau(handles, i / each) for i in range(1, each + 1)]
        elif letter == "M":
            found += points
    return found


def _casteljau(points, t):
    while len(points) > 1:
        points = [(a + t * (c - a), b + t * (d - b)) for (a, b), (c, d) in pairwise(points)]
    return points[0]
