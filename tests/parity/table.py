"""Replays as lines for people and as the table of README.md."""

COLUMNS = ["net", "batch", "steps", "losses", "scores", "gradients, worst", "bias gradients, worst",
           "weights", "velocities", "free: losses"]
OWN_COLUMNS = {"f32": ["kinks", "farthest"], "bf16": ["layers", "gradients from the rows alone"]}


def bad(result):
    return "failed" in result or bool(result["broken"])


def figure(result, what, named=False):
    found = result["figures"].get(what)
    if found is None:
        return "-"
    text = f"{found['value']:.1e}"
    if named:
        text += f" ({found['of'].split(',')[0]})"
    return f"**{text}**" if found["broken"] else text


def free(result):
    without = result.get("free_without_kinks")
    text = figure(result, "free loss")
    return text if without is None else f"{text} (without kinks {without:.1e})"


def line(result):
    """For progress."""
    if "failed" in result:
        return f"  FAILED: {result['failed']}"
    words = ", ".join(f"{name} {figure(result, name, named=True)}" for name in result["figures"])
    return (f"  {'BROKEN' if result['broken'] else 'ok'}: {words}; {result['kinks']} kinks, "
            f"farthest {result['farthest_kink']:.0e}; mean loss {result['loss']:.4g} to "
            f"{result['last_loss']:.4g}")


def own(result):
    if result["precision"] == "f32":
        farthest = result["farthest_kink"]
        return [str(result["kinks"]), f"{farthest:.0e}" if result["kinks"] else "-"]
    return [figure(result, "layers"), figure(result, "alone", named=True)]


def row(result):
    if "failed" in result:
        return [result["case"], "failed: " + result["failed"]]
    return [result["case"].removesuffix(", bf16"), str(result["batch"]), str(result["steps"]),
            figure(result, "loss"), figure(result, "scores"),
            figure(result, "gradient", named=True), figure(result, "bias gradient", named=True),
            figure(result, "weights"), figure(result, "velocity"), free(result), *own(result)]


def lines_of(columns, rows):
    rows = [cells + [""] * (len(columns) - len(cells)) for cells in rows]
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return lines + ["| " + " | ".join(cells) + " |" for cells in rows]


def markdown(results):
    """A table for each precision; what failed to run is in the one that its name says."""
    lines = []
    for precision, columns in OWN_COLUMNS.items():
        some = [result for result in results
                if result["case"].endswith(", bf16") == (precision == "bf16")]
        if some:
            lines += [f"{precision}:", "", *lines_of(COLUMNS + columns, map(row, some)), ""]
    return "\n".join(lines)
