"""What the scripts that drive command lines share: the program of this environment, files to send, objects to compare."""

import os
import subprocess
import sys
import tempfile

from common import MIB, check, payload, same

# Names that every system can have.
NAMES = ["plain.txt", "a b+c%20d%&e.txt", "目录/照片 2026年.jpg", "emoji/😀🚢.bin", "kéy-é", "deep/er/empty"] + [
    f"many/{number:02}" for number in range(20)
]


class Program:
    """One program of this Python's environment, always called with the same first arguments."""

    def __init__(self, name, *first, **environment):
        self.command = [os.path.join(os.path.dirname(sys.executable), name), *first]
        self.environment = {**os.environ, **environment}

    def run(self, *arguments, **options):
        return subprocess.run([*self.command, *arguments], env=self.environment, capture_output=True, timeout=120, **options)

    def __call__(self, *arguments, **options):
        """Runs it to a good end. Gives what it wrote to its output."""
        done = self.run(*arguments, **options)
        check(done.returncode == 0, f"{arguments}: exit {done.returncode}\n{shown(done)}")
        return done.stdout

    def text(self, *arguments, **options):
        return self(*arguments, **options).decode()

    def refused(self, *arguments, because, **options):
        """Runs it to a bad end that names `because`. Gives all that it wrote."""
        done = self.run(*arguments, **options)
        said = shown(done)
        check(done.returncode != 0, f"{arguments}: was not refused\n{said}")
        check(because in said, f"{arguments}: {because} is not the reason\n{said}")
        return said


class Files:
    """A folder with a tree of small files, and one file of three parts of 5 MiB."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.tree = os.path.join(self.folder.name, "tree")
        for number, name in enumerate(NAMES):
            self.write(os.path.join("tree", name), b"" if name.endswith("empty") else payload(500 + number, number))
        self.data = payload(12 * MIB + 345, 77)
        self.large = self.write("large.bin", self.data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, data):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def same_tree(self, name, what):
        """Holds a folder against the tree, file by file."""
        found = sorted(
            os.path.relpath(os.path.join(folder, file), self.path(name)) for folder, _, files in os.walk(self.path(name)) for file in files
        )
        same(found, sorted(NAMES), what)
        for file in NAMES:
            same(read(os.path.join(self.path(name), file)), read(os.path.join(self.tree, file)), f"{what}: {file}")


def shown(done):
    return done.stdout.decode(errors="replace")[:4000] + done.stderr.decode(errors="replace")


def read(path):
    with open(path, "rb") as file:
        return file.read()
