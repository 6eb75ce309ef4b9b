"""Lines 5 to 8 of the issue "The GPU trains while the CPU prepares", from what `run` has measured: one
line each with its numbers, and whether it holds."""
# Line 6: (row of the benchmarks, least ratio to PyTorch).
RATIOS = [("alexnet owt", 1.2), ("alexnet paper", 1.2), ("vgg D", 1.0)]
# Line 7: (net, what it must reach, of what).
FED = {"alexnet owt": (0.95, "the slower of the two alone"), "vgg D": (0.98, "compute alone")}


def word(holds):
    return {True: "**yes**", False: "**NO**", None: "**not run**"}[holds]


def all_of(parts):
    """Of parts that hold, do not, or were not run: one that does not decides, then one not run."""
    if False in parts:
        return False
    return None if None in parts or not parts else True


def line_5(records):
    tests, replay = records.get("tests"), records.get("replay")
    parts, words = [], []
    if tests is None:
        words.append("tests not run")
        parts.append(None)
    else:
        words.append(f"layers and whole nets: {tests['passed']} cases passed, {tests['failed']} failed,"
                     f" {tests['skipped']} skipped")
        parts.append(False if tests["failed"] else None if tests["skipped"] or not tests["passed"]
                     else True)
    if replay is None or replay["status"] == 77:
        words.append(f"replay not run{': ' + replay['words'] if replay else ''}")
        parts.append(None)
    else:
        words.append(f"replay of {replay['words']}")
        parts.append(replay["status"] == 0)
    return all_of(parts), "; ".join(words)


def line_6(records):
    parts, words = [], []
    for net, least in RATIOS:
        ratio = records.get("ratios", {}).get((net, "bf16"))
        parts.append(None if ratio is None else ratio >= least)
        words.append(f"{net} {'-' if ratio is None else f'{ratio:.2f}'} (least {least:.1f})")
    return all_of(parts), "images a second over PyTorch's, bf16: " + ", ".join(words)


def rates(fed):
    """Images a second of the whole, of preparation alone and of compute alone; None: not measured."""
    return fed.get("pipeline"), fed.get("prepared"), fed.get("computed")


def line_7(records):
    parts, words = [], []
    for net, (least, of) in FED.items():
        pipeline, prepared, computed = rates(records.get("fed", {}).get(net, {}))
        whole = [computed] if of == "compute alone" else [prepared, computed]
        share = None if None in (pipeline, *whole) else pipeline / min(whole)
        parts.append(None if share is None else share >= least)
        numbers = ", ".join(f"{name} {'-' if rate is None else f'{rate:.0f}'}" for name, rate in
                            (("fed", pipeline), ("preparation", prepared), ("compute", computed)))
        idle = records.get("fed", {}).get(net, {}).get("idle")
        text = f"{net} {'-' if share is None else f'{100 * share:.1f} %'} of {of} (least {100 * least:.0f} %;"
        words.append(f"{text} {numbers}; idle {'-' if idle is None else f'{100 * idle:.1f} %'})")
    profiler = records.get("profiler", "idle share by a profiler: to be compared by hand")
    parts.append(records.get("profiler_agrees"))
    return all_of(parts), "; ".join([*words, profiler])


def line_8(records):
    missing = [name for name in ("date", "commit", "GPU and driver", "PyTorch", "cuDNN")
               if records.get("facts", {}).get(name, "none") == "none"]
    return not missing, ("this file, to be kept as tests/bench/results/h200.md"
                         + (f"; without {', '.join(missing)}" if missing else ""))


def lines(records):
    found = {5: line_5, 6: line_6, 7: line_7, 8: line_8}
    text = []
    for number, judge in found.items():
        holds, words = judge(records)
        text.append(f"* {number}: {word(holds)}: {words}")
    return text


def fed_record(nodes, batch):
    """Of a run's nodes.json: images a second on the device from its first phase to its last, and the
    share of that time in which no phase ran. None where the run had no device."""
    devices = nodes.get("devices", [])
    steps = [node["items_out"] for node in nodes["nodes"] if node["name"] == "update"]
    if not devices or not steps:
        return None
    seconds = devices[0]["compute_seconds"] + devices[0]["idle_seconds"]
    if seconds <= 0:
        return None
    return {"pipeline": steps[0] * batch / seconds, "idle": devices[0]["idle_seconds"] / seconds}


def prepared_rate(nodes):
    """Of `profile --until collate`: images a second."""
    rows = [node for node in nodes["nodes"] if node["name"] == "collate" and node["run_seconds"] > 0]
    return rows[0]["items_out"] / rows[0]["run_seconds"] if rows else None
