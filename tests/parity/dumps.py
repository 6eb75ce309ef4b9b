"""What `train --dump` left behind, as values: one object a step."""
import pathlib
import tomllib

import safetensors
import torch


class Step:
    """Tensors are read when asked for: a step of a large net has gigabytes."""

    def __init__(self, path):
        self.file = safetensors.safe_open(path, framework="pt")
        self.words = {k.removeprefix("sluice."): v for k, v in self.file.metadata().items()}
        self.number = int(self.words["step"])
        self.rate = float(self.words["rate"])
        self.names = self.words["parameters"].split()
        self.recipe = tomllib.loads(self.words["recipe"])

    def tensor(self, name, dtype):
        return self.file.get_tensor(name).to(dtype)

    def rows(self, dtype):
        return self.tensor("rows", dtype).permute(0, 3, 1, 2).contiguous()

    def labels(self):
        return self.tensor("labels", torch.int64)

    def masks(self, dtype):
        """In the order of the file, which is the net's."""
        header = [name for name in self.file.offset_keys() if name.startswith("mask.")]
        return [self.tensor(name, dtype) for name in header]

    def read_names(self):
        """Of what layers with parameters read, of all but the first; in the net's order."""
        prefixes = dict.fromkeys(name.rpartition(".")[0] for name in self.names)
        return ["read." + prefix for prefix in list(prefixes)[1:]]

    def reads(self, dtype):
        return [self.tensor(name, dtype) for name in self.read_names()]

    def key(self, name, default=None):
        """A recipe key as "train.rate"; the default where this build does not have it."""
        table = self.recipe
        for word in name.split("."):
            if not isinstance(table, dict) or word not in table:
                return default
            table = table[word]
        return table


def read_steps(folder):
    paths = sorted(pathlib.Path(folder).glob("step-*.safetensors"))
    if not paths:
        raise SystemExit(f"{folder} holds no step-*.safetensors; valid: what train --dump wrote")
    steps = [Step(path) for path in paths]
    for before, after in zip(steps, steps[1:]):
        if before.recipe != after.recipe or after.number != before.number + 1:
            raise SystemExit(f"{folder}: steps {before.number} and {after.number} are not of one run")
    return steps
