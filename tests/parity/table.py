"""Replays as lines for people and as the table of README.md."""

COLUMNS = ["net", "precision", "batch", "steps", "losses", "scores", "gradients, worst",
           "bias gradients, worst", "weights", "velocities", "free: losses", "kinks"]


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
    return (f"  {'BROKEN' if result['broken'] else 'ok'}: {words}; {result['kinks']} kinks; mean "
            f"loss {result['loss']:.4g} to {result['last_loss']:.4g}")


def row(result):
    if "failed" in result:
        return [result["case"], "failed: " + result["failed"]] + [""] * (len(COLUMNS) - 2)
    return [result["case"].removesuffix(", bf16"), result["precision"], str(result["batch"]),
            str(result["steps"]), figure(result, "loss"), figure(result, "scores"),
            figure(result, "gradient", named=True), figure(result, "bias gradient", named=True),
            figure(result, "weights"), figure(result, "velocity"), free(result),
            str(result["kinks"])]


def markdown(results):
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    return "\n".join(lines + ["| " + " | ".join(row(result)) + " |" for result in results])
