#!/usr/bin/env python3
"""Checks that imports run one way, from the parameters to the batch (see the README's code map)."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# A room may import itself and the rooms before it.
CIRCUITS = ["params", "reject", "globals", "bus", "gadgets", "state", "margin", "ops", "publication", "batch"]
# Each names the other: tags are a gadget's type, and the memory gadget packs cells as the bus says.
ALLOWED_BACK = {("bus", "gadgets")}

# The row of an account settles funding and sums requirements: it stands with the law.
STANDS_WITH = {"state/account/circuit": "margin"}

# What a native batch recorded is what rows are filled from: data, without a constraint system.
RECORDS = re.compile(r"\bcrate::batch::native\b|\bcrate::\{batch::native\}")

USE = re.compile(r"\bcrate::(?:\{([^}]*)\}|(\w+))")


def rooms_used(text):
    for group, single in USE.findall(RECORDS.sub("", text)):
        for name in group.split(",") if group else [single]:
            yield name.strip().split("::")[0]


def check_circuits():
    errors = []
    base = ROOT / "circuits" / "src"
    for path in sorted(base.rglob("*.rs")):
        relative = path.relative_to(base)
        room = relative.parts[0].removesuffix(".rs")
        if room == "lib" or path.name.endswith("tests.rs") or "tests" in path.parts:
            continue
        room = next((later for folder, later in STANDS_WITH.items() if relative.is_relative_to(folder)), room)
        if room not in CIRCUITS:
            errors.append(f"{path.relative_to(ROOT)}: room '{room}' is not listed in {__file__}")
            continue
        for used in rooms_used(path.read_text()):
            if used in CIRCUITS and CIRCUITS.index(used) > CIRCUITS.index(room):
                if (room, used) not in ALLOWED_BACK:
                    errors.append(f"{path.relative_to(ROOT)}: '{room}' imports '{used}', which comes after it")
    return errors


def check_crates():
    errors = []
    forbidden = {
        "circuits/src": ["zkmargin_groth16", "zkmargin_kernels", "zkmargin_verifier_solidity"],
        "prover/groth16/src": ["zkmargin_circuits", "zkmargin_verifier_solidity"],
        "prover/kernels/src": ["zkmargin_circuits", "zkmargin_groth16", "zkmargin_verifier_solidity"],
        "verifier-solidity/src": ["zkmargin_circuits"],
    }
    for folder, names in forbidden.items():
        for path in sorted((ROOT / folder).rglob("*.rs")):
            text = path.read_text()
            errors += [f"{path.relative_to(ROOT)}: must not use {name}" for name in names if name in text]
    return errors


def main():
    errors = check_circuits() + check_crates()
    for error in errors:
        print(error, file=sys.stderr)
    print(f"imports: {len(errors)} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
