"""Twenty-three limits to plant, each at a place that the seed decides.

A case says how a run is made and which verdicts are right. `cure` says how its best remedy is carried
out: "how" by the option that the verdict names, or a function that gives the case without its plant.
"""
import dataclasses
import shutil

PREPARE = ["--until", "collate"]
SMALL_NET = ["--width", "0.06", "--batch", "128"]


@dataclasses.dataclass
class Case:
    name: str
    told: str                    # what was planted, for people
    resources: set               # right verdicts
    nodes: set = None            # right limiting nodes; None: any
    words: list = dataclasses.field(default_factory=list)   # options of profile
    plants: list = dataclasses.field(default_factory=list)
    environment: dict = dataclasses.field(default_factory=dict)
    neighbours: int = 0          # processes that compute beside it
    data: str = "caltech20"
    threads: int = 2
    seconds: float = 4
    cure: object = None
    action: str = None           # of the remedy that is carried out; None: the first


def heavy(place, draw, cures):
    """One node computes so much that it takes most of the cores."""
    milliseconds = draw.uniform(0.6, 1.5)
    return Case(f"heavy {place}", f"{milliseconds:.2f} ms of computing an image in {place}",
                {"cores"}, {place}, PREPARE, [f"{place}:{milliseconds:.2f}ms"],
                cure="how" if cures else None, action="node" if cures else None)


def waiting(draw):
    place = draw.choice(["rescale", "flip", "pca-colour", "mean"])
    milliseconds = draw.uniform(1.0, 2.0)
    return Case("waiting node", f"{milliseconds:.2f} ms of sleep an image in {place}",
                {"threads"}, {place}, PREPARE, [f"{place}:{milliseconds:.2f}ms:waiting"])


def few_threads(draw):
    return Case("few threads", "one thread where two cores are free", {"threads"}, None, PREPARE,
                threads=1, cure="how", action="threads")


def disk_latency(draw):
    milliseconds = draw.uniform(2.0, 4.0)
    case = Case("slow disk, seeks", f"every read waits {milliseconds:.1f} ms", {"disk"}, {"read"},
                PREPARE, environment={"SLUICE_SLOW_DISK_MS": f"{milliseconds:.2f}"}, action="disk")
    case.cure = lambda: dataclasses.replace(case, environment={})
    return case


def disk_bandwidth(draw):
    rate = draw.uniform(12, 25)
    case = Case("slow disk, bytes", f"all reads together get {rate:.0f} MB/s", {"disk"}, {"read"},
                PREPARE, environment={"SLUICE_SLOW_DISK_MB_PER_S": f"{rate:.1f}"}, action="disk")
    case.cure = lambda: dataclasses.replace(case, environment={})
    return case


def tiny_memory(draw):
    megabytes = draw.uniform(2.05, 2.3)
    return Case("tiny memory", f"{megabytes:.2f} MB for everything in flight", {"memory"},
                {"decode"}, ["--until", "decode", "--batch", "16", "--memory",
                             str(int(megabytes * 1e6))],
                data="photos", cure="how", action="memory")


def large_images(draw):
    return Case("large images", "photographs of 33 megapixels", {"cores"}, {"decode"},
                PREPARE + ["--batch", draw.choice(["1", "2"])], data="large", seconds=6)


def huge_progressive(draw):
    megabytes = draw.choice([200, 250, 300])
    return Case("huge progressive", f"coefficients of 199 MB an image in {megabytes} MB",
                {"memory"}, {"decode"}, PREPARE + ["--batch", "1", "--memory", f"{megabytes}M"],
                data="progressive", seconds=10, cure="how", action="memory")


def slow_device(draw):
    milliseconds = draw.uniform(60, 90)
    return Case("slow device", f"a stand-in that takes {milliseconds:.0f} ms a step", {"step"},
                {"forward", "backward", "update"}, ["--assume-step-ms", f"{milliseconds:.1f}"],
                cure="how", action="device")


def slow_step(draw):
    batch = draw.choice([24, 32, 40])
    return Case("slow step", f"AlexNet on the cores, batch {batch}", {"cores", "step"},
                {"forward", "backward", "update"}, ["--batch", str(batch)], seconds=8)


def slow_update(draw):
    milliseconds = draw.uniform(100, 140)
    case = Case("slow update", f"{milliseconds:.0f} ms of computing an update, on one thread",
                {"step"}, {"update"}, SMALL_NET + ["--init", "he"],
                [f"update:{milliseconds:.1f}ms"])
    return case


def slow_images(draw):
    place = draw.choice(["decode", "rescale", "mean", "flip"])
    manner = draw.choice(["busy", "waiting"])
    milliseconds = draw.uniform(60, 110)
    case = Case("slow images", f"one image in a hundred takes {milliseconds:.0f} ms in {place} "
                f"({manner})", {"slow images"}, {place}, PREPARE,
                [f"{place}:{milliseconds:.1f}ms:{manner}:one-in-100"], action="images")
    case.cure = lambda: dataclasses.replace(case, plants=[])
    return case


def serial(name, manner, draw):
    milliseconds = draw.uniform(40, 70)
    case = Case(name, f"report takes {milliseconds:.0f} ms a batch ({manner})", {"report"},
                {"report"}, PREPARE, [f"report:{milliseconds:.1f}ms:{manner}"], action="node")
    case.cure = lambda: dataclasses.replace(case, plants=[])
    return case


def one_slot(draw):
    milliseconds = draw.uniform(28, 38)
    return Case("one slot", f"one batch in flight before a device of {milliseconds:.0f} ms",
                {"slots"}, None,
                ["--slots", "1", "--assume-step-ms", f"{milliseconds:.1f}"], cure="how",
                action="slots")


def neighbours(draw):
    count = draw.choice([1, 2])
    case = Case("busy neighbour", f"{count} processes compute on the same two cores",
                {"other processes"}, None, PREPARE, neighbours=count, action="other processes")
    case.cure = lambda: dataclasses.replace(case, neighbours=0)
    return case


def balanced(draw):
    """Needs to know how fast preparation is: `run` puts the step in."""
    return Case("balanced", "a device exactly as fast as preparation", {"balanced"}, None,
                ["--assume-step-ms", "MATCHED"])


def too_short(draw):
    return Case("too short", "a quarter of a second", {""}, {""}, PREPARE, seconds=0.25)


def all_cases(draw):
    computing = ["decode", "rescale", "read", "random-crop", "mean"]
    return [*(heavy(place, draw, False) for place in draw.sample(computing, 4)),
            *(heavy(place, draw, True) for place in ["flip", "pca-colour"]),
            waiting(draw), few_threads(draw), disk_latency(draw), disk_bandwidth(draw),
            tiny_memory(draw), large_images(draw), huge_progressive(draw), slow_device(draw),
            slow_step(draw), slow_update(draw), slow_images(draw),
            serial("busy report", "busy", draw), serial("waiting report", "waiting", draw),
            one_slot(draw), neighbours(draw), balanced(draw), too_short(draw)]


def copies(file, folder, count):
    """A data set of one file many times."""
    folder.mkdir(parents=True)
    for number in range(count):
        shutil.copy(file, folder / f"{number:03}.jpg")
