#!/usr/bin/env python3
"""Checks that programs start where there is no CUDA: none of its libraries is needed to load them.

    needed_libraries.py PROGRAM...
"""
import re
import subprocess
import sys

CUDA = re.compile(r"lib(cuda|cudart|cudnn|cublas|nvrtc|nvidia)[\w-]*\.so")


def needed(program):
    """Names among the NEEDED entries of a program."""
    text = subprocess.run(["readelf", "--dynamic", "--wide", program], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", text)


def main():
    found = []
    for program in sys.argv[1:]:
        names = needed(program)
        if not names:
            print(f"{program}: no NEEDED entry at all; not a dynamically linked program?")
            return 1
        found += [f"{program} needs {name}" for name in names if CUDA.match(name)]
    print("\n".join(found) or f"{len(sys.argv) - 1} programs need no library of CUDA's")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
