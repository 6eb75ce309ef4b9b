#!/usr/bin/env python3
"""The live panel on a terminal: what stands on the screen while a run goes on and after it."""
import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from programs import BIN, ProgramTest, main, run  # noqa: E402
from runs import NET  # noqa: E402
from screen import Screen  # noqa: E402

HEAD = re.compile(r"^node .*(per second|queued)")
SETTINGS = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "NO_COLOR": "", "LC_ALL": "C.UTF-8"}


class OnTerminal:
    """A program whose stdin, stdout and stderr are a terminal."""

    def __init__(self, *words, columns=80, rows=24, settings=None):
        self.screen = Screen(columns, rows)
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.bytes = b""
        self.master, slave = pty.openpty()
        self.without_echo(slave)
        self.set_size(columns, rows)
        self.program = subprocess.Popen(
            [BIN / words[0], *map(str, words[1:])], stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, **SETTINGS, **(settings or {})})
        os.close(slave)
        self.begun = time.monotonic()

    @staticmethod
    def without_echo(slave):
        """The kernel's "^C" would come anywhere between the program's bytes, also inside a colour."""
        modes = termios.tcgetattr(slave)
        modes[3] &= ~termios.ECHO
        termios.tcsetattr(slave, termios.TCSANOW, modes)

    def set_size(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        self.screen.resize(columns, rows)
        self.set_size(columns, rows)

    def type(self, text):
        os.write(self.master, text.encode())

    def read(self, seconds):
        """Whether the terminal is still open after so much reading."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.bytes += data
        self.screen.feed(self.decoder.decode(data))
        return bool(data)

    def await_true(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or not self.read(0.05):
                self.program.kill()
                raise AssertionError("never came:\n" + "\n".join(self.screen.text()))

    def await_panel(self, pictures=1):
        """So many pictures more, and one with nodes on the screen."""
        wanted = self.screen.pictures + pictures
        self.await_true(lambda: self.screen.pictures >= wanted and
                        (self.heads() or self.screen.columns < 80))

    def heads(self):
        """Heads of the panel's table on the screen."""
        return [line for line in self.screen.shown() if HEAD.match(line)]

    def settle(self):
        """Between two pictures, so that no old one is still on its way."""
        pictures = self.screen.pictures
        self.await_true(lambda: self.screen.pictures > pictures)
        while self.read(0.02) and select.select([self.master], [], [], 0.02)[0]:
            pass

    def end(self, seconds=120):
        end = time.monotonic() + seconds
        while self.read(0.05):
            if time.monotonic() > end:
                self.program.kill()
                raise AssertionError("did not end:\n" + "\n".join(self.screen.text()))
        os.close(self.master)
        return self.program.wait(timeout=30)


class PanelTest(ProgramTest):
    def profiling(self, *words, seconds=30, **terminal):
        data = self.folder / "shapes"
        if not data.exists():
            self.shapes(train=4)
        return OnTerminal("sluice-alexnet", "profile", "--data", data, "--until", "collate",
                          "--seconds", seconds, "--epochs", 100000, "--threads", 2, *words,
                          **terminal)

    def assert_one_panel(self, terminal):
        """Nothing of an older picture is left on the screen."""
        text = terminal.screen.shown()
        self.assertEqual(len(terminal.heads()), 1, "\n".join(text))
        for name in ("decode", "rescale", "flip"):
            lines = [line for line in text if line.startswith(name + " ")]
            self.assertLessEqual(len(lines), 1, "\n".join(text))
            for line in lines:
                self.assertLess(len(line), terminal.screen.columns)

    def assert_clean(self, terminal):
        text = "\n".join(terminal.screen.text())
        self.assertEqual(terminal.heads(), [], text)
        self.assertFalse(terminal.screen.cursor_hidden)
        self.assertEqual(terminal.screen.column, 0, text)
        self.assertEqual(terminal.screen.lines[terminal.screen.row], [], text)

    def test_a_panel_stands_below_the_lines_and_goes_before_the_result(self):
        terminal = self.profiling(seconds=3)
        terminal.await_panel(pictures=4)
        self.assert_one_panel(terminal)
        shown = terminal.screen.shown()
        head = next(i for i, line in enumerate(shown) if HEAD.match(line))
        self.assertTrue(any(line.startswith("pipeline: ") for line in shown[:head]))
        self.assertRegex(shown[head - 2], r"^profile  \d+ images  .* left$")
        self.assertRegex("\n".join(shown), r"\ndecode +[\d.]+  [\u2588\u2591]+ +\d+ % +[\d.]+\n")
        self.assertGreater(terminal.screen.colours, 0)
        self.assertEqual(terminal.end(), 0)
        self.assert_clean(terminal)
        self.assertLessEqual(terminal.screen.pictures, 4 * 3 + 8)
        text = "\n".join(terminal.screen.text())
        self.assertIn("files/s", text)
        self.assertEqual(text.count("pipeline: "), 1)

    def test_it_follows_the_size_of_the_terminal(self):
        terminal = self.profiling(columns=200, rows=50, seconds=600)
        terminal.await_panel()
        self.assert_one_panel(terminal)
        for columns, rows in ((80, 24), (132, 30), (200, 50), (100, 24), (80, 40)):
            with self.subTest(columns=columns, rows=rows):
                terminal.settle()
                terminal.resize(columns, rows)
                terminal.await_panel(pictures=3)
                self.assert_one_panel(terminal)
        terminal.type("\x03")
        self.assertEqual(terminal.end(), 130)

    def test_a_tiny_terminal_shows_what_fits(self):
        terminal = self.profiling(columns=80, rows=24, seconds=600)
        terminal.await_panel()
        for columns, rows in ((40, 12), (20, 6), (7, 3), (2, 2), (30, 9)):
            with self.subTest(columns=columns, rows=rows):
                terminal.settle()
                terminal.resize(columns, rows)
                terminal.await_panel(pictures=3)
                shown = terminal.screen.shown()
                self.assertLessEqual(len(shown), rows)
                self.assertTrue(shown[-1] or columns < 8, shown)
        terminal.type("\x03")
        self.assertEqual(terminal.end(), 130)

    def test_an_interrupt_leaves_the_terminal_in_order(self):
        terminal = self.profiling()
        terminal.await_panel()
        terminal.type("\x03")
        self.assertEqual(terminal.end(), 130)
        self.assert_clean(terminal)

    def test_a_failure_stands_on_a_line_of_its_own(self):
        data = self.shapes(train=8)
        for path in sorted((data / "train").glob("*/*.jpg"))[:40]:
            path.write_bytes(b"no image")
        terminal = OnTerminal("sluice-alexnet", "train", "--data", data, "--out",
                              self.folder / "run", *NET, "--epochs", 50)
        self.assertEqual(terminal.end(), 1)
        self.assert_clean(terminal)
        said = [line for line in terminal.screen.text() if line.startswith("sluice-alexnet: ")]
        self.assertEqual(len(said), 1, "\n".join(terminal.screen.text()))

    def test_training_shows_loss_epoch_and_time_and_keeps_its_lines_above(self):
        data = self.shapes(train=8, val=2)
        terminal = OnTerminal("sluice-alexnet", "train", "--data", data, "--out",
                              self.folder / "run", *NET, "--epochs", 400, columns=100, rows=40)
        terminal.await_true(
            lambda: any(line.startswith("epoch 2:") for line in terminal.screen.text()))
        terminal.await_panel(pictures=2)
        self.assert_one_panel(terminal)
        shown = "\n".join(terminal.screen.shown())
        self.assertRegex(shown, r"(train|validate) epoch \d+ of 400  \d+/\d+ images")
        terminal.await_true(lambda: re.search(
            r"loss [\d.]+  [\d.]+ images/s  learning rate 0.001",
            "\n".join(terminal.screen.shown())))
        terminal.type("\x03")
        self.assertEqual(terminal.end(), 130)
        self.assert_clean(terminal)
        lines = [line for line in terminal.screen.text() if re.match(r"epoch \d+: loss", line)]
        self.assertEqual([line.split(":")[0] for line in lines],
                         [f"epoch {i + 1}" for i in range(len(lines))])

    def test_without_colours_there_are_still_bars(self):
        terminal = self.profiling(seconds=4, settings={"NO_COLOR": "1", "LC_ALL": "C"})
        terminal.await_true(lambda: any("##" in line for line in terminal.screen.shown()))
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(terminal.screen.colours, 0)

    def test_a_dumb_terminal_and_the_quiet_get_no_panel(self):
        for words, settings in (((), {"TERM": "dumb"}), (("--quiet",), {})):
            with self.subTest(words=words, settings=settings):
                terminal = self.profiling(*words, seconds=1.5, settings=settings)
                self.assertEqual(terminal.end(), 0)
                self.assertNotIn(b"\x1b", terminal.bytes)
                self.assertEqual(b"pipeline: " in terminal.bytes, not words)

    def test_what_is_no_terminal_gets_lines(self):
        data = self.shapes(train=2)
        done = run("sluice-alexnet", "profile", "--data", data, "--until", "collate", "--epochs", 2)
        self.assertEqual(done.status, 0, done.err)
        self.assertNotIn("\x1b", done.err + done.out)
        self.assertNotIn("\r", done.err + done.out)


if __name__ == "__main__":
    main()
