#!/usr/bin/env python3
"""What users' mistakes get: one line that names the thing and what would be valid, the exit status
of the design (2 before the first batch, 1 after it, 130 interrupted), nothing half-written."""
import json
import os
import re
import struct
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import DATA, Ended, ProgramTest, main, run, start  # noqa: E402

USAGE, FAILED = 2, 1
QUICK = ["--quiet", "--mean", "authors", "--colour", "0", "--schedule", "constant", "--batch", "8",
         "--width", "0.06"]


def train(data, *words):
    return run("sluice-alexnet", "train", "--data", data, *words)


class Data(ProgramTest):
    def refused(self, data, *words):
        out = self.folder / "run"
        self.assert_refused(train(data, "--out", out), USAGE, *words)
        self.assertFalse(out.exists(), "a run folder was made")

    def test_a_missing_folder_is_named(self):
        self.refused(self.folder / "nowhere", "nowhere")

    def test_no_data_says_which_flag(self):
        self.assert_refused(run("sluice-alexnet", "train"), USAGE, "--data")

    def test_an_empty_class_folder_is_named(self):
        data = self.shapes()
        (data / "train" / "zebra").mkdir()
        self.refused(data, "zebra")

    def test_a_folder_without_images_is_named(self):
        (self.folder / "words").mkdir()
        (self.folder / "words" / "read.me").write_text("no image")
        self.refused(self.folder / "words", "words", "jp")

    def test_one_class_is_too_few(self):
        data = self.shapes()
        for part in ("train", "val"):
            for folder in sorted((data / part).iterdir())[1:]:
                for file in folder.iterdir():
                    file.unlink()
                folder.rmdir()
        self.refused(data, "class")

    def test_other_classes_list_both_sides(self):
        data = self.shapes()
        os.rename(data / "val" / sorted(os.listdir(data / "val"))[0], data / "val" / "zebra")
        self.refused(data, "zebra", sorted(os.listdir(data / "train"))[0])


class Options(ProgramTest):
    def refused(self, words, *said):
        self.assert_refused(run("sluice-alexnet", *words), USAGE, *said)

    def test_no_verb_lists_the_verbs(self):
        self.refused([], "train", "evaluate", "profile", "describe")

    def test_a_mistyped_option_lists_the_valid_ones(self):
        self.refused(["train", "--data", "x", "--epocs", "3"], "--epocs", "--epochs", "--batch")

    def test_a_mistyped_key_lists_the_valid_ones(self):
        self.refused(["train", "--data", "x", "--set", "train.batc=3"], "train.batc", "train.batch")

    def test_a_mistyped_node_lists_the_chain(self):
        self.refused(["train", "--data", "x", "--set", "augment.flop.probability=1"], "flop", "flip")

    def test_a_mistyped_key_in_a_file_gives_its_line(self):
        recipe = self.folder / "recipe.toml"
        recipe.write_text("seed = 1\n[train]\nbatc = 3\n")
        self.refused(["train", "--data", "x", "--recipe", recipe], "recipe.toml:3", "train.batc",
                     "train.batch")

    def test_a_mistyped_parameter_of_a_node_lists_the_valid_ones(self):
        data = self.shapes()
        self.refused(["train", "--data", data, "--out", self.folder / "run", "--set",
                      "augment.flip.probabilty=1"], "probabilty", "probability")

    def test_a_recipe_that_is_no_toml_gives_its_line(self):
        recipe = self.folder / "recipe.toml"
        recipe.write_text("seed = = 1\n")
        self.refused(["train", "--data", "x", "--recipe", recipe], "recipe.toml:1")

    def test_a_missing_recipe_is_named(self):
        self.refused(["train", "--data", "x", "--recipe", self.folder / "none.toml"], "none.toml")

    def test_values_out_of_range_say_the_range(self):
        for flag, value, said in [("--batch", "0", "1 to 4096"), ("--rate", "-1", "0 to 100"),
                                  ("--epochs", "0", "1 to"), ("--dropout", "1.5", "0 to 0.99"),
                                  ("--batch", "many", "whole number"), ("--rate", "nan", "number"),
                                  ("--schedule", "sometimes", "plateau"),
                                  ("--backend", "abacus", "onednn"), ("--precision", "f8", "f32"),
                                  ("--variant", "poster", "paper"), ("--memory", "much", "2G"),
                                  ("--crops", "corner", "whole")]:
            with self.subTest(flag=flag, value=value):
                self.refused(["train", "--data", "x", flag, value], said)

    def test_values_of_the_chain_say_the_range(self):
        data = self.shapes()
        for flag, value, said in [("--flip", "2", "flip"), ("--divisor", "0", "scale"),
                                  ("--side", "0", "rescale"), ("--mean", "median", "rgb"),
                                  ("--set", "augment.centre-crop.side=100000", "1 to 8192")]:
            with self.subTest(flag=flag, value=value):
                self.refused(["train", "--data", data, "--out", self.folder / "run", flag, value],
                             said)

    def test_every_verb_checks_the_chain(self):
        self.refused(["describe", "--flip", "7"], "flip", "0")
        self.refused(["profile", "--data", "x", "--mean", "median"], "mean", "rgb")

    def test_evaluate_says_that_the_chain_comes_with_the_weights(self):
        self.refused(["evaluate", "--data", "x", "--weights", "w", "--mean", "rgb"],
                     "weights", "augment.mean.from")

    def test_evaluate_refuses_what_the_weights_decide_or_only_training_does(self):
        for words in (["--rate", "0.1"], ["--set", "train.momentum=0"], ["--seed", 3],
                      ["--orientation", "apply"], ["--lrn", "off"], ["--dump", "x"],
                      ["--max-bad", "1"], ["--checkpoint-every", 5]):
            with self.subTest(words=words):
                self.refused(["evaluate", "--data", "x", "--weights", "w", *words],
                             "changes nothing here")

    def test_profile_refuses_what_it_would_not_do(self):
        data = self.shapes(train=1)
        for words, said in ((["--dump", self.folder / "d"], "dumps no steps"),
                            (["--steps", 5], "train.steps"), (["--split", "val"], "evaluate.split"),
                            (["--from", "nosuch"], "nosuch"),
                            (["--margin", 2], "train.margin"),
                            (["--schedule", "logged"], "logged rate"),
                            (["--checkpoint-every", 5], "run.checkpoint_every")):
            with self.subTest(words=words):
                self.refused(["profile", "--data", data, "--width", 0.06, "--batch", 2, *words],
                             said)

    def test_two_files_to_start_from_are_one_too_many(self):
        self.assert_refused(run("sluice-vgg", "train", "--data", "x", "--from", "a",
                                "--from-config-a", "b"), USAGE, "--from-config-a", "--from")

    def test_a_crop_that_the_net_cannot_take_is_refused(self):
        data = self.shapes()
        self.refused(["train", "--data", data, "--out", self.folder / "run", "--set",
                      "augment.random-crop.side=200"], "200", "224")

    def test_too_little_memory_says_what_is_enough(self):
        data = self.shapes()
        small = [*QUICK[:-4], "--width", 0.06, "--steps", 1]

        def tried(name, memory, batch):
            return train(data, "--out", self.folder / name, *small, "--memory", memory, "--batch",
                         batch)

        ended = tried("run", "12M", 8)
        self.assert_refused(ended, USAGE, "run.memory", "--batch")
        said = re.search(r"valid: --memory (\d+M), or --batch (\d+)$", ended.lines[-1])
        self.assertIsNotNone(said, ended.lines[-1])
        self.assertFalse((self.folder / "run").exists())
        for name, memory, batch in (("memory", said[1], 8), ("batch", "12M", said[2])):
            ended = tried(name, memory, batch)
            self.assertEqual(ended.status, 0, ended.err)
        self.refused(["train", "--data", data, "--out", self.folder / "run", "--memory", "1M"],
                     "--memory")

    def test_pieces_of_a_step_need_memory_for_all_of_it_to_be_prepared(self):
        self.refused(["train", "--data", self.shapes(), "--out", self.folder / "run", *QUICK[:-4],
                      "--width", 0.06, "--batch", 512, "--micro-batch", 4, "--memory", "100M"],
                     "run.memory", "batches of 512 images", "--batch ")

    def test_more_memory_than_the_machine_has_is_refused(self):
        data = self.shapes()
        self.refused(["train", "--data", data, "--out", self.folder / "run", "--memory", "9000T"],
                     "9000T", "machine")

    def test_an_unknown_end_of_a_profile_lists_the_nodes(self):
        data = self.shapes()
        self.refused(["profile", "--data", data, "--until", "flop"], "flop", "decode", "flip",
                     "collate")


    def test_mistyped_words_of_sluice_data_are_named_with_the_valid_ones(self):
        for words, said in [([], ("shapes", "stats", "linear")), (["shaps"], ("shaps", "shapes")),
                            (["stats", "--dat", "x"], ("--dat", "--data"))]:
            with self.subTest(words=words):
                self.assert_refused(run("sluice-data", *words), USAGE, *said)

    def test_a_wait_without_end_is_out_of_range(self):
        for flag, value in [("--assume-step-ms", "1e300"), ("--assume-step-ms", "-1"),
                            ("--seconds", "0")]:
            with self.subTest(flag=flag, value=value):
                self.refused(["profile", "--data", "x", flag, value], flag, "86400")


class Names(ProgramTest):
    """Names on disk are any bytes; what is said of them is one line, JSON and TOML stay whole."""

    def test_a_message_is_one_line_whatever_it_names(self):
        for words in (["--data", "no\nsuch"], ["--recipe", "no\nsuch.toml"], ["--set", "a\nb=1"],
                      ["--b\nogus"]):
            with self.subTest(words=words):
                ended = run("sluice-alexnet", "train", "--quiet", *words)
                self.assert_refused(ended, USAGE)
                self.assertEqual(len(ended.lines), 1, ended.err)

    def test_folders_that_are_no_utf8_survive_json_and_the_resolved_recipe(self):
        odd = os.fsdecode(b'odd "q\n\xff%')
        data = self.shapes().rename(self.folder / ("data " + odd))
        out = self.folder / ("run " + odd)
        ended = train(data, "--out", out, "--steps", 1, "--epochs", 1, "--json", *QUICK)
        self.assertEqual(ended.status, 0, ended.err)
        self.assertIn("%FF", json.loads(ended.out)["run"])
        again = run("sluice-alexnet", "train", "--recipe", out / "recipe.toml", "--quiet", "--out",
                    self.folder / "again")
        self.assertEqual(again.status, 0, again.err)
        self.assertEqual((out / "recipe.toml").read_bytes(),
                         (self.folder / "again" / "recipe.toml").read_bytes())

    def test_a_link_in_a_circle_is_a_usage_mistake(self):
        (self.folder / "circle").symlink_to("circle")
        self.assert_refused(train(self.folder / "circle"), USAGE, "circle", "cannot be opened")
        self.assert_refused(train(self.shapes(), "--out", self.folder / "circle" / "run", *QUICK),
                            USAGE, "circle", "--out")


class RunFolders(ProgramTest):
    def test_a_start_that_fails_leaves_no_folder(self):
        data = self.shapes(train=1)
        kept = self.folder / "kept"
        kept.mkdir()
        (kept / "file").write_text("mine")
        for words, said in (
                (["--dump", "/proc/x"], "run.dump"),
                (["--dump", kept], "holds something already"),
                (["--dump", kept / "file"], "something else has that name"),
                (["--set", "augment.scale.when=never"], "augment.scale.when"),
                (["--memory", "2M"], "--memory"),
                (["--set", "augment.mean.from=rgb", "--cache", kept / "file" / "cache"], "--cache"),
                (["--from", "nosuch"], "nosuch")):
            with self.subTest(words=words):
                ended = train(data, "--out", self.folder / "new" / "run", *QUICK, *words)
                self.assert_refused(ended, USAGE, said)
                self.assertFalse((self.folder / "new").exists())
        out = self.folder / "empty"
        out.mkdir()
        self.assert_refused(train(data, "--out", out, *QUICK, "--dump", "/proc/x"), USAGE, "run.dump")
        self.assertEqual(list(out.iterdir()), [])
        self.assertEqual([p.name for p in kept.iterdir()], ["file"])

    def test_a_dump_goes_into_a_new_folder_and_goes_on_in_its_own(self):
        data, out, dump = self.shapes(), self.folder / "run", self.folder / "dump"
        words = ["--epochs", 9, "--dump", dump, *QUICK]
        ended = train(data, "--out", out, "--steps", 1, *words)
        self.assertEqual(ended.status, 0, ended.err)
        self.assert_refused(train(data, "--out", self.folder / "other", "--steps", 1, *words), USAGE,
                            "run.dump", "holds something already")
        ended = train(data, "--out", out, "--resume", "--steps", 2, *words)
        self.assertEqual(ended.status, 0, ended.err)
        self.assertEqual(sorted(p.name for p in dump.glob("*.safetensors")),
                         ["step-000000.safetensors", "step-000001.safetensors"])

    def test_a_cache_that_cannot_be_written_is_named_before_anything_is_measured(self):
        data = self.shapes()
        (self.folder / "file").write_text("in the way")
        ended = train(data, "--out", self.folder / "run", "--cache", self.folder / "file" / "cache",
                      "--epochs", 1, "--batch", 8)
        self.assert_refused(ended, USAGE, "cache", "--cache")
        self.assertNotIn("measuring", ended.err)

    def test_a_folder_that_cannot_be_made_is_named_before_the_first_batch(self):
        data = self.shapes()
        (self.folder / "file").write_text("in the way")
        self.assert_refused(train(data, "--out", self.folder / "file" / "run", *QUICK), USAGE, "file")

    def test_a_folder_with_a_run_is_not_used_again(self):
        data = self.shapes()
        out = self.folder / "run"
        out.mkdir()
        (out / "recipe.toml").write_text("seed = 1\n")
        self.assert_refused(train(data, "--out", out, *QUICK), USAGE, "run", "--out")
        self.assertEqual((out / "recipe.toml").read_text(), "seed = 1\n")

    def test_a_full_disk_fails_the_run_and_leaves_nothing_half_written(self):
        if os.geteuid() != 0:
            self.skipTest("only root may mount a small disk")
        data = self.shapes()
        disk = self.folder / "disk"
        disk.mkdir()
        command = (f"mount -t tmpfs -o size=1m none '{disk}' && "
                   f"'{os.environ['SLUICE_BIN']}/sluice-alexnet' train --data '{data}' "
                   f"--out '{disk}/run' --steps 1 --epochs 1 {' '.join(QUICK)}; status=$?; "
                   f"ls '{disk}/run'; exit $status")
        import subprocess
        done = subprocess.run(["unshare", "--mount", "sh", "-c", command], capture_output=True,
                              text=True, timeout=300)
        if "unshare" in done.stderr or "mount:" in done.stderr:
            self.skipTest("this machine does not allow a mount of its own")
        self.assert_refused(Ended(done.returncode, done.stdout, done.stderr), FAILED, "safetensors",
                            "No space left")
        self.assertNotIn("weights.safetensors", done.stdout)
        self.assertNotIn("partial", done.stdout)

    def test_a_result_that_cannot_be_printed_is_a_failure(self):
        with open("/dev/full", "w") as full:
            import subprocess
            done = subprocess.run([Path(os.environ["SLUICE_BIN"]) / "sluice-alexnet", "describe"],
                                  stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("standard output", done.stderr)


def safetensors(path, header, data=b""):
    text = json.dumps(header).encode() if isinstance(header, dict) else header
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


class Weights(ProgramTest):
    def refused(self, weights, *words):
        data = self.shapes()
        self.assert_refused(run("sluice-alexnet", "evaluate", "--data", data, "--weights", weights,
                                "--quiet"), USAGE, *words)

    def test_missing_weights_are_named(self):
        self.refused(self.folder / "none.safetensors", "none.safetensors")

    def test_evaluate_without_weights_says_so(self):
        self.assert_refused(run("sluice-alexnet", "evaluate", "--data", "x"), USAGE, "--weights")

    def test_a_file_that_is_no_safetensors_is_refused(self):
        path = self.folder / "w.safetensors"
        path.write_bytes(b"not weights")
        self.refused(path, "w.safetensors")

    def test_weights_of_another_net_are_refused(self):
        metadata = {"sluice.net": "vgg", "sluice.variant": "D"}
        path = safetensors(self.folder / "vgg.safetensors", {
            "__metadata__": metadata, "features.0.weight": {"dtype": "F32", "shape": [1],
                                                            "data_offsets": [0, 4]}}, b"\0" * 4)
        self.refused(path, "vgg.safetensors")

    def test_a_header_that_lies_about_sizes_is_refused_before_allocation(self):
        for shape, offsets in [([1 << 40], [0, 1 << 42]), ([2], [0, 4]), ([1], [4, 8])]:
            with self.subTest(shape=shape):
                path = safetensors(self.folder / "lie.safetensors", {
                    "x": {"dtype": "F32", "shape": shape, "data_offsets": offsets}}, b"\0" * 4)
                self.refused_once(path)

    def refused_once(self, path):
        data = self.folder / "shapes"
        if not data.exists():
            self.shapes()
        self.assert_refused(run("sluice-alexnet", "evaluate", "--data", data, "--weights", path),
                            USAGE, "lie.safetensors")


class WhileRunning(ProgramTest):
    def spoil(self, data, count):
        files = sorted((data / "train").rglob("*.jpg"))[:count]
        for file in files:
            file.write_bytes(b"this is no picture")
        return files

    def test_more_bad_files_than_allowed_fail_training(self):
        data = self.shapes(train=3)
        self.spoil(data, 6)
        out = self.folder / "run"
        ended = train(data, "--out", out, "--epochs", 1, *QUICK)
        self.assert_refused(ended, FAILED, "--max-bad", "bad", ".jpg", "not a JPEG")
        self.assert_nothing_half_written(out)
        self.assert_account_closes(out)

    def test_an_epoch_without_a_good_image_fails_training(self):
        data = self.shapes(train=2)
        self.spoil(data, 20)
        out = self.folder / "run"
        ended = train(data, "--out", out, "--epochs", 1, "--max-bad", 1, *QUICK)
        self.assert_refused(ended, FAILED, "epoch 1", "bad_files.tsv")
        losses = [row.split(",")[3] for row in (out / "steps.csv").read_text().splitlines()[1:]]
        self.assertEqual(losses, ["", "", ""])
        self.assert_nothing_half_written(out)

    def test_allowed_bad_files_are_listed_and_shorten_nothing(self):
        data = self.shapes(train=3)
        spoiled = self.spoil(data, 2)
        out = self.folder / "run"
        ended = train(data, "--out", out, "--epochs", 1, "--max-bad", 0.5, *QUICK)
        self.assertEqual(ended.status, 0, ended.err)
        listed = (out / "bad_files.tsv").read_text().splitlines()[1:]
        self.assertEqual(sorted(line.split("\t")[0] for line in listed),
                         sorted(str(f.relative_to(data / "train")) for f in spoiled))
        nodes = self.assert_account_closes(out)
        self.assertEqual(nodes["sampler"]["items_out"], 30)
        self.assertEqual(nodes["collate"]["items_out"], 28)

    def test_a_file_that_vanishes_is_a_bad_file(self):
        data = self.shapes(train=3)
        out = self.folder / "run"
        program = start("sluice-alexnet", "train", "--data", data, "--out", out, "--epochs", 3,
                        "--max-bad", 0.5, *QUICK)
        while program.poll() is None and not (out / "recipe.toml").exists():
            pass
        gone = sorted((data / "train").rglob("*.jpg"))[0]
        gone.unlink()
        _, err = program.communicate(timeout=300)
        self.assertEqual(program.returncode, 0, err)
        listed = (out / "bad_files.tsv").read_text()
        self.assertIn(str(gone.relative_to(data / "train")), listed)
        self.assertIn("No such file", listed)
        self.assert_account_closes(out)

    def test_a_bad_image_never_ends_a_profile(self):
        data = self.shapes(train=3)
        self.spoil(data, 20)
        ended = run("sluice-alexnet", "profile", "--data", data, "--until", "collate", "--json",
                    "--quiet", "--batch", 8)
        self.assertEqual(ended.status, 0, ended.err)
        result = json.loads(ended.out)
        self.assertEqual((result["files"], result["bad_files"]), (40, 20))

    def test_ctrl_c_ends_training_in_order(self):
        import signal
        data = self.shapes(train=3)
        out = self.folder / "run"
        program = start("sluice-alexnet", "train", "--data", data, "--out", out, "--epochs", 5000,
                        *QUICK)
        while program.poll() is None and (not (out / "steps.csv").exists() or
                                          len((out / "steps.csv").read_text().splitlines()) < 2):
            pass
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=120)
        self.assertEqual(program.returncode, 130, err)
        self.assertTrue((out / "weights.safetensors").exists())
        self.assertFalse(list(out.rglob("*partial*")))
        self.assert_account_closes(out)

    def test_ctrl_c_ends_the_making_of_a_data_set_and_leaves_nothing(self):
        import signal
        program = start("sluice-data", "shapes", "--out", self.folder / "set", "--train", 9999)
        while program.poll() is None and not list(self.folder.rglob("*.jpg")):
            pass
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=60)
        self.assertEqual(program.returncode, 130, err)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_ctrl_c_ends_an_evaluation(self):
        import signal
        data = self.shapes(train=3, val=60)
        out = self.folder / "run"
        self.assertEqual(train(data, "--out", out, "--epochs", 1, "--steps", 1, *QUICK).status, 0)
        program = start("sluice-alexnet", "evaluate", "--data", data, "--batch", 1, "--slots", 1,
                        "--weights", out / "weights.safetensors", "--threads", 1)
        program.stderr.readline()
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=120)
        self.assertEqual(program.returncode, 130, err)
        self.assertIn("interrupted", err.splitlines()[-1])

    def test_ctrl_c_while_measuring_leaves_a_folder_that_can_be_used(self):
        import signal
        data = self.shapes(train=60)
        out = self.folder / "run"
        words = ["--out", out, "--epochs", 1, "--steps", 1, "--schedule", "constant", "--batch", 8,
                 "--width", 0.06]
        program = start("sluice-alexnet", "train", "--data", data, *words, "--threads", 1)
        while program.poll() is None and not (out / "steps.csv").exists():
            pass
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=120)
        self.assertEqual(program.returncode, 130, err)
        self.assert_nothing_half_written(self.folder)
        self.assertEqual(train(data, *words, "--quiet").status, 0)

    def test_ctrl_c_ends_a_profile_in_order(self):
        import signal
        data = self.shapes(train=3)
        out = self.folder / "run"
        program = start("sluice-alexnet", "profile", "--data", data, "--out", out, "--seconds", 500,
                        "--assume-step-ms", 20, "--batch", 8)
        while program.poll() is None and not (out / "recipe.toml").exists():
            pass
        program.send_signal(signal.SIGTERM)
        _, err = program.communicate(timeout=120)
        self.assertEqual(program.returncode, 130, err)
        self.assert_account_closes(out)


if __name__ == "__main__":
    main()
