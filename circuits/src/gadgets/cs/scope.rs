//! The scope of a check: what a row records while it is open stands under one id of the spec.

use std::ops::{Deref, DerefMut};

use super::Cs;

/// A constraint system under the id of a check; dropping it brings the outer scope back.
pub struct Scope<'s, 'a> {
    cs: &'s mut Cs<'a>,
    outer: &'static str,
}

impl<'s, 'a> Scope<'s, 'a> {
    pub(super) fn open(cs: &'s mut Cs<'a>, id: &'static str) -> Self {
        let outer = std::mem::replace(&mut cs.scope, id);
        Self { cs, outer }
    }
}

impl<'a> Deref for Scope<'_, 'a> {
    type Target = Cs<'a>;

    fn deref(&self) -> &Cs<'a> {
        self.cs
    }
}

impl<'a> DerefMut for Scope<'_, 'a> {
    fn deref_mut(&mut self) -> &mut Cs<'a> {
        self.cs
    }
}

impl Drop for Scope<'_, '_> {
    fn drop(&mut self) {
        self.cs.scope = self.outer;
    }
}

#[cfg(test)]
mod tests {
    use ark_bn254::Fr;

    use super::*;
    use crate::gadgets::cs::Tag;
    use crate::gadgets::int::Bit;
    use crate::gadgets::row::{Padded, Place, Row, Template};
    use crate::gadgets::var::{Committed, Var};

    const PAIR: Tag = Tag { code: 11, name: "pair", arity: 1, provider: false };

    struct Scoped;

    impl Row for Scoped {
        type Record = ();
        const NAME: &'static str = "scoped";

        fn dummy() {}

        fn synthesize(cs: &mut Cs<'_>, _: &Padded<()>) {
            let one = [Var::<Committed>::one()];
            cs.enforce_zero("A-1", &Var::<Committed>::zero());
            cs.send(PAIR, &one, &Var::one());
            let cs = &mut cs.check("B-1");
            Bit::hint(cs, "bit", false);
            cs.check("B-2").receive(PAIR, &one, &Var::constant(Fr::from(0u64)));
            cs.send(PAIR, &one, &Var::one());
            Bit::hint(cs, "bit", false);
        }
    }

    #[test]
    fn innermost_scope_names_what_is_recorded() {
        let template = Template::compile::<Scoped>(13);
        let ids: Vec<_> = template.constraints[..3].iter().map(|c| (c.id, c.check)).collect();
        assert_eq!(ids, [("A-1", "A-1"), ("INT-1", "B-1"), ("INT-1", "B-1")]);
        let checks: Vec<_> = template.interactions.iter().map(|i| i.check).collect();
        assert_eq!(checks, ["", "B-2", "B-1"]);
    }

    #[test]
    fn places_are_numbered_in_program_order() {
        let places = Template::compile::<Scoped>(13).places();
        let place = |(id, ordinal)| Place { kind: "scoped", id, ordinal };
        let expected = [("A-1", 0), ("", 0), ("B-1", 0), ("B-2", 0), ("B-1", 1), ("B-1", 2)];
        assert_eq!(places, expected.map(place));
    }
}
