//! Comparisons at a tiny size: every prover proves, every proof is verified, the report is complete.

use zkmargin_peers::compare::{compare, pool};
use zkmargin_peers::mix::mix;
use zkmargin_peers::{Name, Table};

#[test]
fn everybody_proves_in_turns() {
    let system = mix(10, 1);
    let pool = pool(2).unwrap();
    let peers = [Name::ArkGroth16, Name::TaceoGroth16];
    let mut table = Table::new(&system, &peers, &pool, 1, &|_| {}).unwrap();
    let comparison = compare(&mut table, &pool, 2, &|_| {}).unwrap();
    let value = serde_json::to_value(&comparison).unwrap();
    assert_eq!(value["threads"], 2);
    for name in ["ours", "ark_groth16", "taceo_groth16"] {
        assert_eq!(value["provers"][name]["runs"].as_array().unwrap().len(), 2, "{name}");
        assert!(value["provers"][name]["median"]["cpu"].as_f64().unwrap() > 0.0, "{name}");
    }
    for name in ["ark_groth16", "taceo_groth16"] {
        assert!(value["ratios"][name].as_f64().unwrap() > 0.0);
        assert!(value["cpu_ratios"][name].as_f64().unwrap() > 0.0);
    }
    assert!(value["ratios"].get("ours").is_none());
    let phases = value["provers"]["ours"]["phases"].as_object().unwrap();
    for phase in ["matrices", "fft", "msm_a", "msm_b_g1", "msm_b_g2", "msm_l", "msm_h", "verify"] {
        assert!(phases.contains_key(phase), "{phase}");
    }
}

#[test]
fn false_wires_are_noticed() {
    let mut system = mix(8, 1);
    let last = system.wires.len() - 1;
    system.wires[last] += ark_bn254::Fr::from(1u64);
    let pool = pool(1).unwrap();
    let peers = [Name::ArkGroth16, Name::TaceoGroth16];
    let mut table = Table::new(&system, &peers, &pool, 1, &|_| {}).unwrap();
    for name in [Name::Ours, Name::ArkGroth16, Name::TaceoGroth16] {
        assert!(table.prove(name, &pool).is_err(), "{name:?}");
    }
}
