"""PyTorch's DataLoader over files in memory, as its users set it up: worker processes that stay alive."""

import itertools

import torch

from work import Done, Peer


class Images(torch.utils.data.Dataset):
    def __init__(self, contents, prepare):
        self._contents = contents
        self._prepare = prepare

    def __len__(self):
        return len(self._contents)

    def __getitem__(self, index):
        return self._prepare(self._contents[index])


class Endless(torch.utils.data.Sampler):
    """All indices, again and again: batches stay full and no pass ends with idle workers."""

    def __init__(self, files):
        self._files = files

    def __iter__(self):
        return itertools.cycle(range(self._files))


def make_peer(contents, prepare, work, versions):
    """A peer with as many worker processes as threads. `prepare`: bytes -> float32 tensor."""
    torch.set_num_threads(1)
    batches = iter(torch.utils.data.DataLoader(Images(contents, prepare), batch_size=work.batch,
                                               sampler=Endless(len(contents)), num_workers=work.threads))

    def run(passes):
        count = -(-passes * len(contents) // work.batch)
        return Done(images=sum(len(next(batches)) for _ in range(count)))

    return Peer(run=run, versions={"torch": torch.__version__, **versions})
