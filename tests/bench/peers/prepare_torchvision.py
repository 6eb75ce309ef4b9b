"""torchvision's transforms v2.

Variants: `tensor` = decode_jpeg on tensors in memory, in DataLoader's worker processes; `pil` = the same on
Pillow's images, the usual way; `threads` = as `tensor`, but in threads that write into one batch: no copy
between processes.
"""

import io

import numpy as np
import torch
import torchvision
from PIL import Image
from torchvision.io import ImageReadMode, decode_jpeg
from torchvision.transforms import v2

import chain
import loader
import threads
from work import read_files

COLOUR = torch.from_numpy(chain.COLOUR)
MEAN = torch.from_numpy(chain.MEAN)


def decode(content, variant):
    if variant == "pil":
        return Image.open(io.BytesIO(content)).convert("RGB")
    return decode_jpeg(content, mode=ImageReadMode.RGB)


class AddColour(torch.nn.Module):
    """Float image plus colour noise less the mean."""

    def forward(self, image):
        return image.add_((torch.randn(3) @ COLOUR - MEAN)[:, None, None])


def transforms(variant):
    steps = [v2.PILToTensor()] if variant == "pil" else []
    return v2.Compose([v2.RandomCrop(chain.CROP), v2.RandomHorizontalFlip(), *steps,
                       v2.ToDtype(torch.float32), AddColour()])


RESIZE = v2.Resize(chain.SHORTER, antialias=True)


class Prepare:
    def __init__(self, variant):
        self._variant = variant
        self._transforms = transforms(variant)

    def __call__(self, content):
        return self._transforms(RESIZE(decode(content, self._variant)))


def inputs(work):
    if work.variant == "pil":
        return read_files(work)
    return [torch.frombuffer(bytearray(content), dtype=torch.uint8) for content in read_files(work)]


class PrepareRow(Prepare):
    def __call__(self, content, row):
        row.copy_(super().__call__(content))


def make_threaded(contents, work):
    torch.set_num_threads(1)
    batches = [torch.zeros((work.batch, 3, chain.CROP, chain.CROP)) for _ in range(threads.BATCHES)]
    return threads.make_peer(contents, lambda: PrepareRow(work.variant), batches, work, versions())


def versions():
    return {"torch": torch.__version__, "torchvision": torchvision.__version__}


def make(work):
    contents = inputs(work)
    if work.variant == "threads":
        return make_threaded(contents, work)
    return loader.make_peer(contents, Prepare(work.variant), work, versions())


def rows(image):
    """Height, width, channels, whatever the image is."""
    return np.asarray(image) if isinstance(image, Image.Image) else image.permute(1, 2, 0).numpy()


def sample(work):
    contents = inputs(work)
    prepare = Prepare(work.variant)
    return ([rows(RESIZE(decode(content, work.variant))) for content in contents],
            torch.stack([prepare(content) for content in contents]).permute(0, 2, 3, 1).numpy())
