#!/usr/bin/env python3
"""Checks that imports run one way: rooms of the circuits in the order below, crates as listed.

Rust files are read as text without comments, strings and tests. Every path that starts with `crate::` counts,
in a `use` (groups and nested groups too) and in the middle of code. There are no exceptions.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# A room may import itself and the rooms before it.
ROOMS = [
    ("params", "reject"),
    ("gadgets",),
    ("state",),
    ("margin",),
    ("ops",),
    ("leaves",),
    ("kinds",),
    ("publication",),
    ("executor",),
    ("batch",),
    ("soundness",),
]
RANK = {room: rank for rank, rooms in enumerate(ROOMS) for room in rooms}

# What the sources of a crate may name of this workspace.
CRATES = {
    "circuits/src": [],
    "prover/kernels/src": [],
    "prover/groth16/src": ["zkmargin_kernels"],
    "verifier-solidity/src": ["zkmargin_groth16"],
    "prover/src": ["zkmargin", "zkmargin_circuits", "zkmargin_groth16", "zkmargin_kernels",
                   "zkmargin_verifier_solidity"],
    "benches/peers/src": ["zkmargin", "zkmargin_groth16", "zkmargin_kernels", "zkmargin_peers"],
}

TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|b?r(?P<hash>\#*)".*?"(?P=hash)|b?"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])'""", re.S
)
TEST = re.compile(r"#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*")
CRATE = re.compile(r"\b(?:pub\s+)?crate\s*::\s*")


def without_text(source):
    """The source without comments, string and character literals."""
    return TOKEN.sub(lambda m: "\n" * m.group().count("\n") + " ", source)


def item_end(source, start):
    """End of the item that starts at `start`: its block, or the next semicolon outside one."""
    depth = 0
    for at in range(start, len(source)):
        if source[at] in "{[(":
            depth += 1
        elif source[at] in "}])":
            depth -= 1
            if depth == 0 and source[at] == "}":
                return at + 1
        elif source[at] in ";," and depth == 0:
            return at + 1
    return len(source)


def without_tests(source):
    """The source without items that only tests have, and the modules among those."""
    modules, kept, at = set(), [], 0
    for match in TEST.finditer(source):
        if match.start() < at:
            continue
        end = item_end(source, match.end())
        declared = re.match(r"\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;", source[match.end():end])
        if declared:
            modules.add(declared.group(1))
        kept.append(source[at:match.start()])
        at = end
    kept.append(source[at:])
    return "".join(kept), modules


def first_names(source, at):
    """First names of the paths that start at `at`: one, or those of a group."""
    if source[at] != "{":
        return re.findall(r"\w+", source[at:at + 60])[:1]
    names, depth, fresh = [], 0, False
    for token in re.finditer(r"\w+|[{},]", source[at:]):
        text = token.group()
        if text == "{":
            depth += 1
            fresh = depth == 1
        elif text == "}":
            depth -= 1
            if depth == 0:
                break
        elif text == ",":
            fresh = depth == 1
        elif fresh:
            names.append(text)
            fresh = False
    return names


def test_files(base):
    """Files of modules that are declared for tests only."""
    tests = set()
    for path in base.rglob("*.rs"):
        _, modules = without_tests(without_text(path.read_text()))
        folder = path.parent if path.name in ("mod.rs", "lib.rs", "main.rs") else path.with_suffix("")
        for module in modules:
            tests.add(folder / f"{module}.rs")
            tests.update((folder / module).rglob("*.rs"))
    return tests


def check_rooms():
    errors = []
    base = ROOT / "circuits" / "src"
    tests = test_files(base)
    for path in sorted(base.rglob("*.rs")):
        relative = path.relative_to(base)
        room = relative.parts[0].removesuffix(".rs")
        if room == "lib" or path in tests:
            continue
        if room not in RANK:
            errors.append(f"{path.relative_to(ROOT)}: room '{room}' has no place in {pathlib.Path(__file__).name}")
            continue
        source, _ = without_tests(without_text(path.read_text()))
        for match in CRATE.finditer(source):
            for used in first_names(source, match.end()):
                if used not in RANK:
                    errors.append(f"{path.relative_to(ROOT)}: 'crate::{used}' is no room")
                elif RANK[used] > RANK[room]:
                    errors.append(f"{path.relative_to(ROOT)}: '{room}' imports '{used}', which comes after it")
    return errors


def check_crates():
    errors = []
    for folder, allowed in CRATES.items():
        base = ROOT / folder
        tests = test_files(base)
        for path in sorted(base.rglob("*.rs")):
            if path in tests:
                continue
            source, _ = without_tests(without_text(path.read_text()))
            for name in sorted(set(re.findall(r"\bzkmargin(?:_\w+|(?=\s*::))", source)) - set(allowed)):
                errors.append(f"{path.relative_to(ROOT)}: must not use {name}")
    return errors


def main():
    errors = sorted(set(check_rooms() + check_crates()))
    for error in errors:
        print(error, file=sys.stderr)
    print(f"imports: {len(errors)} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
