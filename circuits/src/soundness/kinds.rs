//! Names of the row kinds, as the seeded bugs call them.

use crate::batch::challenge::Challenge;
use crate::batch::combine::CombineRow;
use crate::batch::statement::StatementRow;
use crate::batch::table::RangeTable;
use crate::gadgets::row::Row;
use crate::leaves::account::{CrossAccount, FlatAccount, IsolatedAccount};
use crate::leaves::changed::ChangedPosition;
use crate::leaves::market::MarketLeaf;
use crate::leaves::node::Node;
use crate::leaves::order::OrderLeaf;
use crate::ops::action::row::SignatureRow;
use crate::ops::deposit::circuit::Deposit;
use crate::ops::fill::circuit::FillRow;
use crate::ops::place::circuit::Place;
use crate::ops::transfer::circuit::Transfer;
use crate::ops::withdraw::circuit::Withdraw;

pub const CHALLENGE: &str = Challenge::NAME;
pub const RANGE: &str = RangeTable::NAME;
pub const STATEMENT: &str = StatementRow::NAME;
pub const NODE: &str = Node::NAME;
pub const CROSS_ACCOUNT: &str = CrossAccount::NAME;
pub const ISOLATED_ACCOUNT: &str = IsolatedAccount::NAME;
pub const FLAT_ACCOUNT: &str = FlatAccount::NAME;
pub const MARKET: &str = MarketLeaf::NAME;
pub const ORDER: &str = OrderLeaf::NAME;
pub const PLACE: &str = Place::NAME;
pub const WITHDRAW: &str = Withdraw::NAME;
pub const TRANSFER: &str = Transfer::NAME;
pub const DEPOSIT: &str = Deposit::NAME;
pub const CHANGED: &str = ChangedPosition::NAME;
pub const FILL: &str = FillRow::NAME;
pub const SIGNATURE: &str = SignatureRow::NAME;
pub const COMBINE: &str = CombineRow::NAME;
