#!/usr/bin/env python3
"""The table of flags and recipe keys in apps/README.md is the one the program prints."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import SOURCE, ProgramTest, main, run  # noqa: E402


class Keys(ProgramTest):
    def test_the_readme_has_the_table_that_the_program_prints(self):
        printed = run("sluice-alexnet", "--keys").out
        self.assertGreater(len(printed.splitlines()), 20)
        readme = (SOURCE / "apps" / "README.md").read_text()
        table = readme.split("<!-- keys -->\n")[1].split("<!-- end of keys -->")[0]
        self.assertEqual(table, printed, "run sluice-alexnet --keys and put its table there")

    def test_help_of_a_verb_names_every_flag_of_the_table(self):
        help_text = run("sluice-alexnet", "train", "--help").out
        for line in run("sluice-alexnet", "--keys").out.splitlines()[2:]:
            flag = line.split("|")[1].strip().strip("`")
            if flag:
                self.assertIn(flag, help_text)


if __name__ == "__main__":
    main()
