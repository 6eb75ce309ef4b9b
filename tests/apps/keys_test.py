#!/usr/bin/env python3
"""The table of flags and recipe keys in apps/README.md is the one the program prints."""
import re
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

    def test_the_readme_lists_what_may_change_on_resume(self):
        free = set()
        for line in run("sluice-alexnet", "--keys").out.splitlines()[2:]:
            cells = [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)]
            if cells[5] == "yes":
                free.add(cells[1])
        self.assertGreater(len(free), 10)
        readme = (SOURCE / "README.md").read_text()
        listed = readme.split("Where\nfiles lie")[1].split("may change")[0]
        self.assertEqual(set(re.findall(r"`(--[a-z-]+)`", listed)), free)

    def test_only_vgg_has_the_option_that_starts_from_its_configuration_a(self):
        for net in ("alexnet", "lenet5", "vgg"):
            help_text = run(f"sluice-{net}", "train", "--help").out
            self.assertIn("--new-head", help_text)
            self.assertEqual("--from-config-a" in help_text, net == "vgg", net)

    def test_help_of_a_verb_names_every_flag_of_the_table(self):
        help_text = run("sluice-alexnet", "train", "--help").out
        for line in run("sluice-alexnet", "--keys").out.splitlines()[2:]:
            flag = line.split("|")[1].strip().strip("`")
            if flag:
                self.assertIn(flag, help_text)


if __name__ == "__main__":
    main()
