//! The one row that closes the equation of the signature rows.

use ark_bn254::Fr;

use crate::gadgets::cs::Cs;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::signature::combine::enforce_combination;
use crate::ops::action::row::SignatureRow;
use crate::state::wires::TRANSCRIPT;

/// The row; there is one if there are signature rows.
pub struct CombineRow;

/// What the last signature row hands over.
#[derive(Clone, Debug, Default)]
pub struct CombineRecord {
    /// One value per carry wire.
    pub finals: Vec<Fr>,
}

impl Row for CombineRow {
    type Record = CombineRecord;
    const NAME: &'static str = "combine signatures";

    fn dummy() -> CombineRecord {
        CombineRecord::default()
    }

    fn synthesize(cs: &mut Cs<'_>, row: &Padded<CombineRecord>) {
        let transcript = cs.global(TRANSCRIPT);
        enforce_combination(cs, SignatureRow::NAME, &row.finals, &transcript);
    }
}
