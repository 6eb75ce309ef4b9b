"""The chain of AlexNet's paper as constants and draws, and a Pillow twin to compare peers with."""

import numpy as np

SHORTER = 256
CROP = 224
# The authors' means of R, G, B and the components of their colour noise (augment/pca_colour.h).
MEAN = np.array([123.68, 116.779, 103.939], np.float32)
SIGMA = 0.1
DEVIATIONS = np.array([121.7801, 37.0939, 19.7208], np.float32)
VECTORS = np.array([[-.56351, -.57618, -.59200], [-.71258, -.02354, .70120], [.41796, -.81698, .39731]],
                   np.float32)
# shift = three normals x COLOUR
COLOUR = SIGMA * DEVIATIONS[:, None] * VECTORS


def rescaled(width, height):
    """Width and height with the shorter side at SHORTER."""
    if width < height:
        return SHORTER, max(SHORTER, height * SHORTER // width)
    return max(SHORTER, width * SHORTER // height), SHORTER


class Draws:
    """Crop, flip and colour of one image after the other; not for several threads at once."""

    def __init__(self, seed):
        self._random = np.random.default_rng(seed)

    def crop(self, width, height):
        return (int(self._random.integers(0, width - CROP + 1)), int(self._random.integers(0, height - CROP + 1)))

    def flip(self):
        return self._random.random() < 0.5

    def shift(self):
        """Colour noise less the mean: what is added to every pixel, float32 RGB."""
        return self._random.standard_normal(3, np.float32) @ COLOUR - MEAN
