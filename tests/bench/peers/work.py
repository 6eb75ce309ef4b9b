"""What a peer is asked to do, and what it answers with. Shared by the drivers and by every peer."""

import dataclasses
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Work:
    """One peer's share of a comparison; the same for all peers but for `variant`."""

    variant: str
    batch: int = 128
    threads: int = 2
    files: tuple[str, ...] = ()
    folder: str = ""
    sluice: str = ""  # folder of Sluice's programs


@dataclasses.dataclass(frozen=True)
class Done:
    """What one run did. Peers that time themselves, to leave out their start-up, give `seconds` and, where they
    know them, `cpu_seconds`."""

    images: int
    seconds: float | None = None
    cpu_seconds: float | None = None


@dataclasses.dataclass(frozen=True)
class Peer:
    """`run(passes)` goes over the files (or makes steps) so many times.

    A peer may prepare ahead of what it hands out: it is stopped between its turns, so each finds the queue as the
    last one left it.
    """

    run: Callable[[int], Done]
    versions: dict[str, str]


def read_files(work):
    """The files' bytes, in memory before anything is measured."""
    contents = []
    for path in work.files:
        with open(path, "rb") as file:
            contents.append(file.read())
    return contents
