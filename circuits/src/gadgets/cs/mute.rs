//! One place that all row functions of a process leave out, named by the environment: `ZKMARGIN_MUTE=fill:c12`
//! for constraint 12 of the kind "fill", `fill:i3` for interaction 3, a look-up.
//!
//! A muted constraint is 0 = 0 and its violation is not reported; a muted look-up has multiplicity 0. What a test
//! run says then shows whether any test would miss the place.

use std::sync::LazyLock;

/// Kind, and number of the constraint or of the interaction.
struct Muted {
    kind: String,
    constraint: Option<usize>,
    interaction: Option<usize>,
}

static MUTED: LazyLock<Option<Muted>> = LazyLock::new(|| {
    let text = std::env::var("ZKMARGIN_MUTE").ok()?;
    let (kind, place) = text.rsplit_once(':').expect("ZKMARGIN_MUTE is kind:c12 or kind:i3");
    let number = |letter: char| place.strip_prefix(letter).map(|text| text.parse().expect("a number"));
    let (constraint, interaction) = (number('c'), number('i'));
    assert!(constraint.is_some() != interaction.is_some(), "ZKMARGIN_MUTE={text}: c or i before the number");
    Some(Muted { kind: kind.to_owned(), constraint, interaction })
});

/// Whether this constraint of the kind is muted.
pub fn constraint(kind: &str, number: usize) -> bool {
    MUTED.as_ref().is_some_and(|muted| muted.constraint == Some(number) && muted.kind == kind)
}

/// Whether this interaction of the kind is muted.
pub fn interaction(kind: &str, number: usize) -> bool {
    MUTED.as_ref().is_some_and(|muted| muted.interaction == Some(number) && muted.kind == kind)
}
