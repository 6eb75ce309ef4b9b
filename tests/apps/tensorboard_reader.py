#!/usr/bin/env python3
"""A run folder's event files, read by TensorBoard's own reader: by hand, no test of CI.

    tensorboard_reader.py RUN_FOLDER

Compares scalars with steps.csv and epochs.csv, looks at pictures and the recipe, and cuts the
newest file in the middle of its last record. Exit status 77 without the package `tensorboard`
(PyPI), 1 when something is wrong.
"""
import csv
import io
import shutil
import sys
import tempfile
from pathlib import Path

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    print("skipped: no Python module tensorboard")
    sys.exit(77)

ALL = {"scalars": 0, "images": 0, "tensors": 0}  # 0: keep everything


def loaded(folder):
    events = EventAccumulator(str(folder), size_guidance=ALL)
    events.Reload()
    return events


def is_written(step):
    stride, end = 1, 1000
    while step > end:
        stride, end = 2 * stride, 2 * end
    return step % stride == 0


def close(a, b):
    return abs(a - b) <= 1e-5 * max(abs(a), abs(b), 1e-30)


def compare(name, have, want):
    """Both [(step, value)]; a resumed run counts each step once."""
    have = [(event.step, event.value) for event in have]
    if [step for step, _ in have] != [step for step, _ in want]:
        return [f"{name}: steps {have[:3]}... of {len(have)}, not {want[:3]}... of {len(want)}"]
    return [f"{name}: {a} is not {b}" for a, b in zip(have, want) if not close(a[1], b[1])]


def scalars(events, run):
    steps = [row for row in csv.DictReader((run / "steps.csv").open())
             if is_written(int(row["step"]))]
    wrong = []
    for tag, column in (("train/loss", "loss"), ("train/learning_rate", "learning_rate"),
                        ("train/images_per_second", "images_per_second")):
        want = [(int(row["step"]), float(row[column])) for row in steps if row[column]]
        wrong += compare(tag, events.Scalars(tag), want)
    epochs = list(csv.DictReader((run / "epochs.csv").open()))
    for tag, column in (("validation/top1", "val_top1"), ("validation/per_class", "val_per_class")):
        want = [100 * float(row[column]) for row in epochs if row[column]]
        have = [event.value for event in events.Scalars(tag)] if want else []
        if len(have) != len(want) or not all(map(close, have, want)):
            wrong.append(f"{tag}: {have} is not {want}")
    return wrong


def pictures(events):
    wrong = []
    tags = events.Tags()["images"]
    if not any(tag.endswith("decode") for tag in tags):
        wrong.append(f"pictures: {tags}")
    for tag in tags:
        image = events.Images(tag)[0]
        if image.encoded_image_string[:2] != b"\xff\xd8" or image.width < 1 or image.height < 1:
            wrong.append(f"{tag}: {image.width} x {image.height}")
    return wrong


def recipe(events, run):
    text = events.Tensors("recipe")[0].tensor_proto.string_val[0].decode()
    have = "".join(line[4:] for line in io.StringIO(text))
    first = (run / "recipe.toml").read_text().splitlines()[0]
    return [] if have.startswith(first) else [f"recipe: {have[:60]!r}"]


def cut(run, whole):
    """A run that was killed in the middle of a record."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(run / "tensorboard", Path(folder) / "tensorboard"))
        newest = max(copy.iterdir(), key=lambda file: file.name)
        newest.write_bytes(newest.read_bytes()[:-7])
        events = loaded(copy)
        before, after = (len(e.Scalars("epoch/train_loss")) for e in (whole, events))
        return [] if after in (before, before - 1) else [f"cut: {after} epochs of {before}"]


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    run = Path(sys.argv[1])
    events = loaded(run / "tensorboard")
    wrong = scalars(events, run) + pictures(events) + recipe(events, run) + cut(run, events)
    for words in wrong:
        print(words)
    files = len(list((run / "tensorboard").iterdir()))
    print(f"{files} event file{'s' if files > 1 else ''}: {len(events.Scalars('train/loss'))} losses,"
          f" {len(events.Tags()['images'])} pictures: {'as they should be' if not wrong else 'wrong'}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
