#!/usr/bin/env python3
"""Mutes places of the circuit one at a time and says which test notices.

A place is a constraint or a look-up of a kind of row. A muted constraint is 0 = 0, a muted look-up has
multiplicity 0; the rest of the circuit is as it is (circuits/src/gadgets/cs/mute.rs). Nothing is built again.

    circuits/mute.py --kind signature --every 64     one of 64 places of signature rows
    circuits/mute.py --kind fill --id FILL-7         all places of one check
    circuits/mute.py > mute.csv                      every place of every kind: days

First runs the search for killers in that kind (every_place_has_a_killer), then the tests that --first selects,
then all tests of the crate. Prints id, place and the first test that fails; ends with 1 if a place has none.
"""

import argparse
import json
import os
import subprocess
import sys

SEARCH = "every_place_has_a_killer"


def built():
    """The tests of the crate, as one program."""
    command = ["cargo", "test", "-p", "zkmargin-circuits", "--lib", "--no-run", "--message-format", "json"]
    lines = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    programs = [message.get("executable") for message in map(json.loads, lines)]
    return [program for program in programs if program][-1]


def places(program, kind):
    """(place, id) of a kind, in program order."""
    command = [program, "places_are_listed", "--nocapture", "--test-threads", "1"]
    text = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    rows = [line[len("place ") :].rsplit(" ", 1) for line in text.splitlines() if line.startswith("place ")]
    return [(place, id) for place, id in rows if kind in (None, place.rsplit(":", 1)[0])]


def first_failure(program, place, tests, environment=None):
    """The first of the tests that fails with the place muted."""
    environment = {**os.environ, **(environment or {}), "ZKMARGIN_MUTE": place}
    command = [program, *tests]
    run = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in run.stdout:
        if line.startswith("test ") and line.rstrip().endswith("FAILED"):
            run.kill()
            run.wait()
            return line.split()[1]
    # A test that ends the process fails too.
    return "the process ended" if run.wait() != 0 else None


def killer(program, place, id, first):
    kind = place.rsplit(":", 1)[0]
    runs = [([SEARCH], {"ZKMARGIN_GATES": kind})]
    runs += [(first, None)] if first else []
    runs += [(["--skip", SEARCH], None)]
    for tests, environment in runs:
        found = first_failure(program, place, tests, environment)
        if found:
            return found
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", help="name of a kind of row")
    parser.add_argument("--id", help="id of a check")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="one place of N")
    parser.add_argument("--first", action="append", default=[], metavar="FILTER", help="tests to run first")
    options = parser.parse_args()
    program = built()
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    chosen = [row for row in places(program, options.kind) if options.id in (None, row[1])][:: options.every]
    if not chosen:
        sys.exit("no such place: see circuits/spec/gates.csv for kinds and ids")
    left = 0
    print("id,place,killer")
    for number, (place, id) in enumerate(chosen, 1):
        found = killer(program, place, id, options.first)
        left += found is None
        print(f'{id},"{place}",{found or "none"}', flush=True)
        print(f"{number} of {len(chosen)}, {left} without a killer", file=sys.stderr)
    sys.exit(1 if left else 0)


main()
