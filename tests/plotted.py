"""What stands in a picture of matplotlib, read back for the tests."""

import numpy as np


def new_axes(count=1):
    from matplotlib import pyplot

    return pyplot.subplots(1, count)[1]


def line(axes, label):
    """The one line of the axes with this label, as x and y."""
    (found,) = [line for line in axes.get_lines() if line.get_label() == label]
    return np.asarray(found.get_xdata()).tolist(), np.asarray(found.get_ydata()).tolist()


def words(axes):
    """The titles, the names of the axes and the words of the legends in a figure: all but its numbers."""
    texts = [other.title for other in axes.figure.axes]
    texts += [axis.label for other in axes.figure.axes for axis in (other.xaxis, other.yaxis)]
    keys = [other.get_legend() for other in axes.figure.axes] + axes.figure.legends
    texts += [text for key in keys if key for text in key.get_texts()]
    return [text for text in texts if text.get_text()]


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]
