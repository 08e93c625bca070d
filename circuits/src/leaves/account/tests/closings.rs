//! What an op sets at an account's closing: the owner's limit, the owner's key.

use super::*;
use crate::state::tags::{AMEND, REKEY};

const NEW_LIMIT: u32 = 123_456;

fn new_key() -> PublicKey {
    GENERATOR.add(&GENERATOR)
}

// An isolated account whose limit and key are set. The batch goes by the old limit: only the new leaf
// and the element have the new one.
fn both() -> (AccountRow, Padded<AccountRecord<1>>) {
    let mut row = isolated();
    (row.new.leverage_limit, row.new.owner, row.new.orders_from) = (NEW_LIMIT, new_key(), NEXT_ORDER);
    row.new_leaf = row.new.leaf();
    let mut input: Padded<AccountRecord<1>> = input(&row);
    (input.amended, input.rekeyed) = (Some(NEW_LIMIT), Some(new_key()));
    (row, input)
}

#[test]
fn a_new_limit_and_a_new_key_are_in_the_new_leaf_alone() {
    let (row, input) = both();
    agrees::<IsolatedAccount>(&row, &input);
    let ran = run::<IsolatedAccount>(&input);
    let id = Fr::from(row.id);
    assert_eq!(tuples(&ran, AMEND), [[id, Fr::from(NEW_LIMIT)]]);
    assert_eq!(tuples(&ran, REKEY), [[id, new_key().x, new_key().y]]);
    let key = ran.interactions.iter().position(|i| i.tag == KEY).expect("a row provides its key");
    assert_eq!(
        ran.tuple(key)[1..],
        [GENERATOR.x, GENERATOR.y, Fr::from(0u64)],
        "the old key holds for the batch"
    );
    for header in tuples(&ran, HEADER) {
        assert_eq!(header[7], Fr::from(row.old.leverage_limit), "the old limit holds for the batch");
    }
    // Of cross accounts alike.
    let mut row = cross();
    (row.new.leverage_limit, row.new.owner, row.new.orders_from) = (0, new_key(), NEXT_ORDER);
    row.new_leaf = row.new.leaf();
    let mut input: Padded<AccountRecord<SLOTS>> = super::input(&row);
    (input.amended, input.rekeyed) = (Some(0), Some(new_key()));
    agrees::<CrossAccount>(&row, &input);
}

#[test]
fn every_hint_of_an_account_that_is_set_is_pinned() {
    let (_, input) = both();
    assert_eq!(every_hint_is_pinned::<IsolatedAccount>(SHARED, &input, &[]), [""; 0]);
}

#[test]
fn a_limit_or_a_key_that_no_op_set_is_refused() {
    use crate::soundness::forge::Forger;
    let honest: Padded<AccountRecord<1>> = input(&isolated());
    let forger = Forger::<IsolatedAccount>::new(&honest).in_block(SHARED, 5, &[]);
    for (hint, check) in [("account.new_leverage_limit", "ACC-19"), ("account.new_owner", "ACC-21")] {
        let forged = forger.run(&|name, _, v| if name == hint { v + Fr::from(1u64) } else { v });
        assert!(forged.violations.iter().all(|id| *id == check), "{:?}", forged.violations);
        assert!(!forged.violations.is_empty(), "{hint}");
    }
    // A row that is not selected takes no tuple: no op's change can be lost in padding.
    for hint in ["account.amended", "account.rekeyed"] {
        let padding = Padded::disabled(IsolatedAccount::dummy());
        let forger = Forger::<IsolatedAccount>::new(&padding).in_block(SHARED, 5, &[]);
        let forged = forger.run(&|name, _, v| if name == hint { Fr::from(1u64) } else { v });
        assert_eq!(forged.violations, ["ACC-11"], "{hint}");
    }
}
