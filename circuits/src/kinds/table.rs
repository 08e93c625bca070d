//! The table of kinds. An op is one line here.

use super::Kind;
use crate::gadgets::signature::transcript::GROUP;
use crate::leaves::account::{CrossAccount, FlatAccount, IsolatedAccount, ModeChange};
use crate::leaves::changed::ChangedPosition;
use crate::leaves::market::MarketLeaf;
use crate::leaves::node::Node;
use crate::leaves::order::OrderLeaf;
use crate::ops::action::circuit::Chunk;
use crate::ops::action::row::SignatureRow;
use crate::ops::cancel::circuit::Cancel;
use crate::ops::change_key::circuit::ChangeKey;
use crate::ops::collect_fees::circuit::CollectFees;
use crate::ops::configure::circuit::ConfigureRow;
use crate::ops::deposit::circuit::Deposit;
use crate::ops::fill::circuit::FillRow;
use crate::ops::liquidate::circuit::LiquidateRow;
use crate::ops::place::circuit::Place;
use crate::ops::prices::circuit::Quotes;
use crate::ops::prices::signer::SignerRow;
use crate::ops::set_leverage::circuit::SetLeverage;
use crate::ops::set_mode::circuit::SetMode;
use crate::ops::tick::circuit::TickRow;
use crate::ops::transfer::circuit::Transfer;
use crate::ops::withdraw::circuit::Withdraw;

/// All kinds except the ones with a fixed number of rows in every circuit: challenge, range table, statement,
/// and the combination of signatures.
pub const KINDS: &[Kind] = &[
    Kind::of::<Node>("nodes"),
    Kind::of::<CrossAccount>("cross_accounts"),
    Kind::of::<IsolatedAccount>("isolated_accounts"),
    Kind::of::<FlatAccount>("flat_accounts"),
    Kind::of::<ModeChange>("mode_changes"),
    Kind::of::<MarketLeaf>("markets"),
    Kind::of::<OrderLeaf>("orders"),
    Kind::extracted::<Chunk>("chunks", 1),
    Kind::of::<Place>("places").timed(),
    Kind::of::<Cancel>("cancels").timed(),
    Kind::of::<Withdraw>("withdrawals").timed(),
    Kind::of::<Transfer>("transfers").timed(),
    Kind::of::<SetLeverage>("leverage_limits"),
    Kind::of::<SetMode>("modes"),
    Kind::of::<ChangeKey>("rekeys"),
    Kind::of::<TickRow>("ticks"),
    Kind::of::<ConfigureRow>("configurations"),
    Kind::of::<SignerRow>("signers"),
    Kind::of::<Quotes>("quotes"),
    Kind::of::<Deposit>("deposits").timed(),
    Kind::fixed::<CollectFees>(1).timed(),
    Kind::extracted::<ChangedPosition>("positions", 1),
    Kind::of::<FillRow>("fills").timed(),
    Kind::of::<LiquidateRow>("liquidations").timed(),
    Kind::extracted::<SignatureRow>("actions", GROUP).timed(),
];
