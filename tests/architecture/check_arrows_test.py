#!/usr/bin/env python3
"""Plants a breach of each rule in a small tree and expects check_arrows.py to name it."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import check_arrows  # noqa: E402

CLEAN = {
    "CMakeLists.txt": "", "CMakePresets.json": "", "LICENSE": "", "README.md": "",
    ".gitignore": "/build/\n",
    "build/anything.cpp": '#include "nowhere.h"\n',
    "runtime/image.h": "#include <vector>\n",
    "runtime/arena.cpp": "#include <tbb/task_arena.h>\n",
    "augment/flip.h": '#include "runtime/image.h"\n',
    "io/jpeg.cpp": '#include <jpeglib.h>\n\n#include "runtime/image.h"\n',
    "graph/flow_executor.cpp": '#include <oneapi/tbb/flow_graph.h>\n',
    "nodes/flip.h": '#include "augment/flip.h"\n',
    "apps/main.cpp": '#include <CLI/CLI.hpp>\n\n#include "nodes/flip.h"\n',
    "tests/support/catch.h": "#include <catch2/catch.hpp>\n",
    "tests/augment/flip_test.cpp": '#include "augment/flip.h"\n#include "tests/support/catch.h"\n',
}


class CheckArrows(unittest.TestCase):
    def found(self, planted):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            readmes = {f"{module}/README.md": "" for module in check_arrows.ARROWS}
            for name, text in {**CLEAN, **readmes, **planted}.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                if text is not None:
                    path.write_text(text)
            return list(check_arrows.breaches(root))

    def expect(self, planted, *words):
        found = self.found(planted)
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])

    def test_a_clean_tree_has_no_breach(self):
        self.assertEqual(self.found({}), [])

    def test_every_arrow_up_or_across_the_ladder_is_found(self):
        heads = {module: f"{module}/planted.h" for module in check_arrows.ARROWS}
        for module, allowed in check_arrows.ARROWS.items():
            for target in set(check_arrows.ARROWS) - allowed:
                planted = {heads[target]: "", f"{module}/bad.cpp": f'#include "{heads[target]}"\n'}
                with self.subTest(module=module, target=target):
                    self.expect(planted, f"{module}/bad.cpp:1", f"{module} may include")

    def test_includes_are_written_from_the_root(self):
        self.expect({"augment/crop.cpp": '#include "flip.h"\n'}, "augment/crop.cpp:1", "root")
        self.expect({"augment/crop.cpp": "#include <augment/flip.h>\n"}, 'write "augment/flip.h"')
        self.expect({"augment/crop.cpp": '\n#include "augment/gone.h"\n'}, "crop.cpp:2", "no such")

    def test_third_party_headers_stay_at_home(self):
        self.expect({"graph/run.cpp": "#include <tbb/flow_graph.h>\n"}, "flow graph")
        self.expect({"graph/run.cpp": '#include "tbb/flow_graph.h"\n'}, "flow graph")
        self.expect({"tests/graph/a.cpp": "#include <oneapi/tbb/flow_graph.h>\n"}, "flow graph")
        self.expect({"graph/run.h": "#include <tbb/parallel_for.h>\n"}, "oneTBB in a header")
        self.expect({"nodes/a.cpp": "#include <oneapi/dnnl/dnnl.hpp>\n"}, "oneDNN")
        self.expect({"nodes/a.cpp": "#  include <dnnl.h>\n"}, "oneDNN")
        self.expect({"tests/io/a.cpp": "#include <catch2/catch.hpp>\n"}, "Catch2")
        self.expect({"nodes/a.cpp": "#include <jpeglib.h>\n"}, "libjpeg")

    def test_augment_is_pure(self):
        self.expect({"augment/noise.cpp": "#include <random>\n"}, "pure functions")
        self.expect({"augment/noise.cpp": "#include <chrono>\n"}, "pure functions")

    def test_the_top_level_holds_only_what_it_may(self):
        self.expect({"scripts/a.sh": ""}, "scripts", "top level")

    def test_files_end_in_time(self):
        self.expect({"io/long.cpp": "\n" * 501}, "io/long.cpp", "501")
        self.expect({"apps/script": "#!/bin/sh\n" + "\n" * 500}, "apps/script", "501")

    def test_a_folder_of_sources_needs_a_readme(self):
        self.expect({"nodes/nets/alexnet.cpp": ""}, "nodes/nets", "README.md")
        self.assertEqual(self.found({"nodes/nets/alexnet.cpp": "", "nodes/nets/README.md": ""}), [])


if __name__ == "__main__":
    unittest.main()
