#!/usr/bin/env python3
"""Checks the house rules that a compiler does not: who includes what, what lies where, how long.

    check_arrows.py [CHECKOUT]

Prints one line for each breach (path:line: what is wrong, what would be right); exit status 1 if
there is any. The rules are the tables below; check_arrows_test.py plants a breach of each.
"""
import re
import sys
from pathlib import Path

# Which of our folders a folder may include: the ladder.
ARROWS = {
    "runtime": {"runtime"},
    "io": {"io", "runtime"},
    "augment": {"augment", "runtime"},
    "graph": {"graph", "runtime"},
    "nodes": {"nodes", "io", "augment", "graph", "runtime"},
    "apps": {"apps", "nodes", "io", "augment", "graph", "runtime"},
    "tests": {"tests", "apps", "nodes", "io", "augment", "graph", "runtime"},
}

# Third-party headers with one home: (name, pattern of the header, pattern of the path that may).
HOMES = [
    ("oneTBB's flow graph", r"(oneapi/)?tbb/flow_graph\.h", r"graph/flow_executor\.cpp"),
    ("oneTBB in a header", r"(oneapi/)?tbb/.*", r".*\.cpp|runtime/backend/onednn/.*"),
    ("oneDNN", r"(oneapi/)?dnnl.*", r"(runtime/backend/onednn|tests/bench)/.*|tests/contract/onednn_.*"),
    ("Catch2", r"catch2/.*", r"tests/support/catch\.h"),
    ("libjpeg", r"(jpeglib|jerror|turbojpeg)\.h", r"(io|tests)/.*"),
    ("a command line parser", r"CLI/.*", r"apps/.*"),
    ("TOML", r"toml\+\+/.*", r"(io|apps|tests)/.*\.cpp"),
]

# augment/ holds pure functions: no threads, clocks, files or hidden randomness.
IMPURE = {"thread", "mutex", "atomic", "future", "condition_variable", "chrono", "ctime", "random",
          "fstream", "iostream", "filesystem", "cstdio"}

TOP_LEVEL = set(ARROWS) | {"CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md"}
SOURCES = {".h", ".cpp", ".cu", ".cmake", ".py"}
LINES_MAX = 500

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def ignored_entries(root):
    """Top-level names that .gitignore leaves to tools (`/build/`)."""
    file = root / ".gitignore"
    lines = file.read_text().splitlines() if file.is_file() else []
    return {line.strip("/") for line in lines if line.startswith("/")}


def source_files(root):
    for folder in ARROWS:
        for path in sorted((root / folder).rglob("*")):
            is_script = path.suffix == "" and path.is_file() and path.read_bytes()[:2] == b"#!"
            is_source = path.suffix in SOURCES or path.name == "CMakeLists.txt"
            if path.is_file() and (is_source or is_script) and "__pycache__" not in path.parts:
                yield path


def check_quoted(root, path, header):
    """An include of ours: written from the root, and not up the ladder."""
    module = path.split("/")[0]
    target = header.split("/")[0]
    if target not in ARROWS or "/" not in header:
        return f'"{header}": write includes of ours from the root, "{module}/..."'
    if not (root / header).is_file():
        return f'"{header}": no such file in the checkout'
    if target not in ARROWS[module]:
        return f'"{header}": {module} may include {", ".join(sorted(ARROWS[module]))}'
    return None


def check_angled(path, header):
    """An include of somebody else's."""
    if header.split("/")[0] in ARROWS:
        return f'<{header}>: write "{header}"'
    for name, pattern, home in HOMES:
        if re.fullmatch(pattern, header) and not re.fullmatch(home, path):
            return f"<{header}>: {name} belongs to {home} alone"
    if path.startswith("augment/") and header in IMPURE:
        return f"<{header}>: augment holds pure functions (no threads, clocks, files, own randomness)"
    return None


def check_includes(root, path, lines):
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if match:
            quoted, header = match[1] == '"', match[2]
            # A third party's header in quotes is judged as one in angles.
            foreign = quoted and any(re.fullmatch(pattern, header) for _, pattern, _ in HOMES)
            breach = (check_quoted(root, path, header) if quoted and not foreign
                      else check_angled(path, header))
            if breach:
                yield f"{path}:{number}: {breach}"


def check_top_level(root):
    allowed = TOP_LEVEL | ignored_entries(root)
    for entry in sorted(root.iterdir()):
        if not entry.name.startswith(".") and entry.name not in allowed:
            yield f"{entry.name}: the top level holds only {', '.join(sorted(TOP_LEVEL))}"
    for name in sorted(TOP_LEVEL):
        if not (root / name).exists():
            yield f"{name}: missing from the top level"


def check_readmes(root, files):
    """A README.md in each folder of sources; the mirror below tests/ shares one."""
    folders = {path.parent for path in files if path.suffix in {".h", ".cpp", ".cu"}}
    folders |= {root / module for module in ARROWS}
    for folder in sorted(folders):
        name = folder.relative_to(root).as_posix()
        is_mirror = name.startswith("tests/")
        if folder.is_dir() and not is_mirror and not (folder / "README.md").is_file():
            yield f"{name}: a folder of sources needs a README.md (purpose, contents, may include)"


def breaches(root):
    files = list(source_files(root))
    yield from check_top_level(root)
    yield from check_readmes(root, files)
    for file in files:
        path = file.relative_to(root).as_posix()
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        if len(lines) > LINES_MAX:
            yield f"{path}: {len(lines)} lines; a file has at most {LINES_MAX}"
        if file.suffix in {".h", ".cpp", ".cu"}:
            yield from check_includes(root, path, lines)


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    if not (root / "runtime").is_dir():
        print(f"{root}: not a checkout of Sluice (no runtime/ in it)")
        return 2
    found = list(breaches(root))
    for line in found:
        print(line)
    print(f"{len(found)} breaches of the house rules")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
