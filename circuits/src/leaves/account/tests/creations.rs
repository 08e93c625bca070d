//! Accounts that are created: from an empty leaf, under an id of a user's, at their op's time.

use super::*;
use crate::soundness::forge::Forger;
use crate::state::tags::BIRTH;

#[test]
fn fresh_accounts_start_from_an_empty_leaf() {
    let mut row = record(900, Account::empty(GENERATOR, Mode::Isolated(3)), &[(0, 3)], &[]);
    (row.created_at, row.old_leaf) = (Some(40), Fr::zero());
    row.new.order_nonce = 0;
    row.nonces.order = 0;
    row.new_leaf = row.new.leaf();
    agrees::<IsolatedAccount>(&row, &input(&row));
    let honest: Padded<AccountRecord<1>> = input(&row);
    assert_eq!(tuples(&run::<IsolatedAccount>(&honest), BIRTH), [[Fr::from(900u64), Fr::from(40u64)]]);
    // Anything in it, and it was not created.
    let spoils: [fn(&mut AccountRecord<1>); 6] = [
        |i| i.collateral = 1,
        |i| i.order_nonce = 1,
        |i| i.cancel_nonce = 1,
        |i| i.liq_since = 1,
        |i| i.leverage_limit = 1,
        |i| i.slots[0].old = Some(position(3, 1)),
    ];
    for (number, spoil) in spoils.iter().enumerate() {
        let mut forged = honest;
        spoil(&mut forged);
        let violations = run::<IsolatedAccount>(&forged).violations;
        assert_eq!(violations, [if number == 5 { "ACC-4" } else { "ACC-3" }]);
    }
}

#[test]
fn ids_of_new_accounts_start_at_600_and_of_others_at_1() {
    let refusal = |id, created_at| {
        let mut row = isolated();
        (row.id, row.created_at) = (id, created_at);
        row.old = Account::empty(GENERATOR, Mode::Isolated(4));
        let mut input: Padded<AccountRecord<1>> = input(&row);
        input.slots[0].old = None;
        let choose =
            |name: &'static str, _: usize, v: Fr| if name == "account.enable" { Fr::from(1u64) } else { v };
        refusal(&Forger::<IsolatedAccount>::new(&input).in_block(SHARED, 5, &[]).run(&choose), 13)
    };
    let last = (1 << ACCOUNT_BITS) - 1;
    for (id, created_at, expected) in [
        (0, None, Some("RANGE")),
        (1, None, None),
        (599, None, None),
        (last, None, None),
        (last + 1, None, Some("RANGE")),
        (0, Some(40), Some("RANGE")),
        (1, Some(40), Some("RANGE")),
        (599, Some(40), Some("RANGE")),
        (600, Some(40), None),
        (601, Some(40), None),
        (last, Some(40), None),
        (last + 1, Some(40), Some("RANGE")),
    ] {
        assert_eq!(refusal(id, created_at), expected, "{id} {created_at:?}");
    }
}

#[test]
fn only_a_new_account_opens_at_another_time() {
    let forged = |id, fresh| {
        let record = AccountRecord::<1> { id, fresh, opened_at: 40, ..*input(&isolated()) };
        Padded { enabled: id != 0, record }
    };
    // An old account, and a row that is not selected.
    assert!(run::<IsolatedAccount>(&forged(777, false)).violations.contains(&"ACC-12"));
    assert!(run::<IsolatedAccount>(&forged(0, true)).violations.contains(&"ACC-11"));
}
