"""The four idx files of MNIST's form, with made-up digits in them."""
import struct

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
         "t10k-labels-idx1-ubyte")


def write_idx(path, sizes, values):
    path.write_bytes(bytes([0, 0, 8, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) +
                     bytes(values))


def write_digits(folder, count=96):
    """Made-up digits: a bar at a height that says which, in noise that no two share."""
    folder.mkdir()
    for part, many in (("train", count), ("t10k", count // 2)):
        labels = [k * 7 % 10 for k in range(many)]
        pixels = bytearray()
        for k, label in enumerate(labels):
            image = bytearray((k * 31 + p * p * 17) % 64 for p in range(784))
            image[28 * (2 * label + 3):28 * (2 * label + 5)] = bytes([250 - k % 50]) * 56
            pixels += image
        write_idx(folder / f"{part}-images-idx3-ubyte", (many, 28, 28), pixels)
        write_idx(folder / f"{part}-labels-idx1-ubyte", (many,), labels)
    return folder
