"""A terminal for tests: what a program's bytes leave on a screen of some size.

Knows what programs here send: printable UTF-8, carriage return, newline, and the CSI sequences for
cursor up (A), erase to the end of line (K) and screen (J), colours (m) and modes (h, l). Anything
else is an error, so that a test notices. Folds long lines and folds them anew when it is resized, as
most terminals do.
"""
import re
import unicodedata

CSI = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])")


def width_of(character):
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Screen:
    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.lines = [[]]        # of the screen and everything that has scrolled off it
        self.folded = [False]    # whether a line goes on in the next one
        self.row = self.column = self.top = 0  # the first line on the screen
        self.pictures = 0        # how often something was drawn and what stood below erased
        self.colours = 0
        self.cursor_hidden = False
        self.rest = ""

    def feed(self, text):
        text = self.rest + text
        self.rest = ""
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                match = CSI.match(text, at)
                if not match:
                    if len(text) - at < 12:
                        self.rest = text[at:]
                        return
                    raise AssertionError(f"unknown escape sequence {text[at:at + 12]!r}")
                self.command(match.group(1), match.group(2))
                at = match.end()
            else:
                self.put(text[at])
                at += 1

    def command(self, parameters, letter):
        if letter == "A":
            self.row = max(self.top, self.row - int(parameters or 1))
        elif letter == "K" and parameters in ("", "0"):
            self.erase_line()
        elif letter == "J" and parameters in ("", "0"):
            self.pictures += 1
            self.erase_line()
            del self.lines[self.row + 1:], self.folded[self.row + 1:]
            self.folded[self.row] = False
        elif letter == "m":
            self.colours += 1
        elif letter in "hl" and parameters == "?25":
            self.cursor_hidden = letter == "l"
        else:
            raise AssertionError(f"unknown command {parameters}{letter}")

    def erase_line(self):
        del self.lines[self.row][self.column:]

    def put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.go_down(False)
        elif character >= " ":
            width = width_of(character)
            if self.column + width > self.columns:
                self.go_down(True)
                self.column = 0
            line = self.lines[self.row]
            line.extend([" "] * (self.column - len(line)))
            line[self.column:self.column + width] = [character] + [""] * (width - 1)
            self.column += width
        elif character != "\x07":
            raise AssertionError(f"unknown character {character!r}")

    def go_down(self, folds):
        self.folded[self.row] = folds
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append([])
            self.folded.append(False)
        self.top = max(self.top, self.row - self.rows + 1)

    def resize(self, columns, rows):
        """Folds all lines anew; the cursor stays at its character."""
        lines, folded, place = [], [], None
        whole, begin = [], 0
        for index, line in enumerate(self.lines):
            if index == self.row:
                place = len(whole) + self.column
            whole = whole + line
            if self.folded[index]:
                whole.extend([" "] * ((index - begin + 1) * self.columns - len(whole)))
                continue
            first = len(lines)
            pieces = [whole[i:i + columns] for i in range(0, max(len(whole), 1), columns)]
            lines += pieces
            folded += [True] * (len(pieces) - 1) + [False]
            if place is not None:
                at = (first + min(place // columns, len(pieces) - 1), place % columns)
                place = None
            whole, begin = [], index + 1
        self.lines, self.folded = lines, folded
        self.columns, self.rows = columns, rows
        self.row, self.column = at
        self.top = max(0, len(lines) - rows)

    def text(self):
        """Everything, what has scrolled off included."""
        return ["".join(line).rstrip() for line in self.lines]

    def shown(self):
        return self.text()[self.top:]
