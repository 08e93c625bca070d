//! Comparisons at a tiny size: every prover proves, every proof is verified, the report is complete.

use zkmargin::bench::compare::compare;
use zkmargin::bench::mix::mix;
use zkmargin::bench::pool;
use zkmargin_peers::{Peer, Table};

#[test]
fn everybody_proves_in_turns() {
    let system = mix(10, 1);
    let pool = pool(2).unwrap();
    let peers = [Peer::Ark, Peer::Taceo];
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
    let peers = [Peer::Ark, Peer::Taceo];
    let mut table = Table::new(&system, &peers, &pool, 1, &|_| {}).unwrap();
    assert!(table.prove_ours(&pool).is_err());
    for peer in peers {
        assert!(table.prove_peer(peer, &pool).is_err(), "{peer:?}");
    }
}
