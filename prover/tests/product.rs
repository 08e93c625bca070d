//! What the product is built from: no other prover, no files of other tools.

use std::process::Command;

/// Names of crates, or how they begin, that belong to `zkmargin-peers` alone.
const FOREIGN: [&str; 6] =
    ["zkmargin-peers", "taceo-", "ark-groth16", "ark-relations", "ark-circom", "circom"];
/// The curve of wallet signatures in ark-ec's terms, which the circuit uses; it is no prover.
const CURVE: &str = "taceo-ark-babyjubjub";

#[test]
fn the_product_is_built_without_other_provers() {
    let tree = ["tree", "--package", "zkmargin", "--edges", "normal,build", "--prefix", "none", "--offline"];
    let output =
        Command::new(env!("CARGO")).args(tree).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let crates: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains(&"zkmargin-groth16"), "{tree}");
    for name in crates.into_iter().filter(|name| *name != CURVE) {
        assert!(!FOREIGN.iter().any(|foreign| name.starts_with(foreign)), "{name} is in the product");
    }
}
