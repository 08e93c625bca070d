//! What an account's slots cannot hide, and what they cannot publish.

use super::*;

#[test]
fn forge_hides_a_losing_position() {
    // The slot is called unused: the word is 0, so the old leaf is another, or the selector is refused.
    let honest: Padded<AccountRecord<1>> = input(&isolated());
    let row = run::<IsolatedAccount>(&honest);
    let mut forged = honest;
    forged.slots[0].market = 0;
    assert!(run::<IsolatedAccount>(&forged).violations.contains(&"SLOT-2"));
    forged.slots[0].old = None;
    (forged.slots[0].new_size, forged.slots[0].new_entry_quote) = (0, 0);
    assert_ne!(leaf_tuple(&run::<IsolatedAccount>(&forged))[1], leaf_tuple(&row)[1]);
}

#[test]
fn forge_publishes_nothing_from_unused_slots() {
    let mut forged: Padded<AccountRecord<SLOTS>> = input(&cross());
    (forged.slots[8].new_size, forged.slots[8].new_entry_quote) = (0, 5);
    assert!(run::<CrossAccount>(&forged).violations.contains(&"SLOT-5"));
    (forged.slots[8].new_size, forged.slots[8].new_entry_quote) = (3, 5);
    assert!(run::<CrossAccount>(&forged).violations.contains(&"SLOT-4"));
}
