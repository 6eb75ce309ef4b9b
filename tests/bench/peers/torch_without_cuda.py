"""Lets PyPI's torch for Linux load on a machine without a GPU and without 2 GB of CUDA wheels.

    DIR/bin/python torch_without_cuda.py

PyPI has torch for Linux only as a CUDA build, whose Python module does not load unless cuDNN, cuBLAS and so
on are found. This makes small libraries of the missing names beside torch's own, in the virtual environment
this Python belongs to; each function in them only returns an error. No code that torch runs on the CPU comes
from them. Does nothing when torch loads already. Needs gcc, ldd and nm.
"""

import collections
import importlib.util
import pathlib
import re
import subprocess
import sys
import tempfile

FOREIGN = re.compile(r"^(cu[A-Z]|_*cuda|cublas|cufft|cusolver|cusparse|cupti|cudnn|nccl|nvrtc|nvshmem)")


def torch_folder():
    spec = importlib.util.find_spec("torch")
    if spec is None:
        sys.exit(f"torch is not installed for {sys.executable}; valid: a Python with requirements.txt installed")
    return pathlib.Path(spec.origin).parent / "lib"


def loads():
    return subprocess.run([sys.executable, "-c", "import torch"], capture_output=True).returncode == 0


def symbols(files, kind):
    """Names as nm prints them, with the version they are wanted in: `ncclCommAbort`, `nvshmem_init@NVSHMEM`."""
    lines = subprocess.run(["nm", "-D", kind, *files], capture_output=True, text=True, check=True).stdout
    words = (line.split() for line in lines.splitlines())
    return {w[-1].replace("@@", "@") for w in words if len(w) >= 2}


def dependencies(files):
    """(names that the loader does not find, paths of those it finds)"""
    text = "".join(subprocess.run(["ldd", f], capture_output=True, text=True).stdout for f in files)
    found = re.findall(r"=> (/\S+)", text)
    return sorted(set(re.findall(r"(\S+) => not found", text))), sorted(set(found))


def missing_functions(files, found):
    defined = {s.split("@")[0] for s in symbols(files + found, "--defined-only")}
    wanted = symbols(files, "--undefined-only")
    return sorted(s for s in wanted if FOREIGN.match(s) and s.split("@")[0] not in defined)


def version_script(functions):
    by_version = collections.defaultdict(list)
    for name, _, version in (f.partition("@") for f in functions):
        by_version[version].append(name)
    blocks = (f"{version} {{ {' '.join(n + ';' for n in names)} }};\n" for version, names in by_version.items()
              if version)
    return "".join(blocks)


def make_library(path, functions):
    source = "".join(f"int {f.split('@')[0]}(void) {{ return 1; }}\n" for f in functions)
    with tempfile.NamedTemporaryFile("w", suffix=".map") as script:
        script.write(version_script(functions))
        script.flush()
        command = ["gcc", "-shared", "-fPIC", f"-Wl,-soname,{path.name}", "-o", str(path), "-x", "c", "-"]
        if any("@" in f for f in functions):
            command.append(f"-Wl,--version-script={script.name}")
        subprocess.run(command, input=source, text=True, check=True)
    print(f"made {path}")


def main():
    if loads():
        print("torch loads already")
        return
    folder = torch_folder()
    # libcaffe2_nvrtc wants the driver, but torch opens it only for a GPU.
    files = [str(f) for f in sorted(folder.glob("*.so")) if "nvrtc" not in f.name]
    missing, found = dependencies(files)
    functions = missing_functions(files, found)
    for name in missing:
        # Every library has all functions: which one a function would come from is written nowhere.
        make_library(folder / name, functions)
    if not loads():
        sys.exit("torch still does not load; the cause: python -c 'import torch'")


if __name__ == "__main__":
    main()
