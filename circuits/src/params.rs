//! Widths, scales and limits of the protocol, each with its unit and its worst-case product.
//!
//! A width is a number of bits of an unsigned value (or of a magnitude); signed values say so.

/// Scale of prices and account values: `U = 2^32`.
pub const PRICE_SCALE_BITS: u32 = 32;
/// `U` as an integer.
pub const U: i128 = 1 << PRICE_SCALE_BITS;
/// Scale of fractions and fees: parts per million, `M`.
pub const M: i128 = 1_000_000;

/// Collateral in quote quanta, signed.
pub const COLLATERAL_BITS: u32 = 64;
/// Collateral is stored and published as `C + 2^63`.
pub const COLLATERAL_OFFSET: i128 = 1 << 63;
/// Size in base quanta: sign and magnitude.
pub const SIZE_BITS: u32 = 56;
/// Oracle price, 32.32 quote quanta per base quantum.
pub const PRICE_BITS: u32 = 54;
/// Entry quote and traded quotes, quote quanta.
pub const QUOTE_BITS: u32 = 63;
/// Fractional bits of a funding index beyond those of a price.
pub const FUNDING_FRACTION_BITS: u32 = 16;
/// Scale of funding indices: `U·2^16 = 2^48`.
pub const FUNDING_SCALE_BITS: u32 = PRICE_SCALE_BITS + FUNDING_FRACTION_BITS;
/// `U·2^16` as an integer.
pub const FUNDING_SCALE: i128 = 1 << FUNDING_SCALE_BITS;
/// Funding index, 48 fractional bits, signed.
pub const FUNDING_INDEX_BITS: u32 = 96;
/// Funding indices are stored and published as `F + 2^95`.
pub const FUNDING_INDEX_OFFSET: i128 = 1 << 95;
/// Margin fractions and fees, parts per million.
pub const FRACTION_BITS: u32 = 20;
/// Funding rate (magnitude) and its cap, 10^-9 per hour.
pub const RATE_BITS: u32 = 30;
/// Rates are stored and published as `rate + 2^30`.
pub const RATE_OFFSET: i32 = 1 << RATE_BITS;

/// A rate, an interest or a premium as words and elements have it: `rate + 2^30`. Its magnitude is at most `2^30`.
pub const fn stated_rate(rate: i32) -> u64 {
    (rate as i64 + RATE_OFFSET as i64) as u64
}

/// The rate that is stated so, in 31 bits.
pub const fn rate_of(stated: u64) -> i32 {
    (stated as i64 - RATE_OFFSET as i64) as i32
}

/// Market id in a word. Ids are below [`MARKETS_MAX`].
pub const MARKET_BITS: u32 = 16;
/// Account id.
pub const ACCOUNT_BITS: u32 = 36;
/// Order id, and the counter that gives the next one.
pub const ORDER_BITS: u32 = 36;
/// Nonce of a lane of an account.
pub const NONCE_BITS: u32 = 40;
/// What the fees paid for an order are above the exact ones, millionths of a quote quantum, below M.
pub const FEE_CARRY_BITS: u32 = M.ilog2() + 1;
/// Expiry of an order, seconds: up to the year 4147.
pub const EXPIRY_BITS: u32 = 36;
/// Time since when an account is due for liquidation, seconds: up to the year 4147. No op sets it yet.
pub const LIQ_SINCE_BITS: u32 = 36;
/// Time of a batch or a tick, seconds.
pub const TIME_BITS: u32 = 40;
/// Limit price of an order, ticks.
pub const LIMIT_BITS: u32 = 32;
/// Size of an order, lots.
pub const LOTS_BITS: u32 = 56;
/// Base quanta per lot.
pub const LOT_BITS: u32 = 40;
/// Quote quanta per tick and lot.
pub const TICK_QUOTE_BITS: u32 = 40;
/// Smallest order of a market, lots.
pub const MIN_LOTS_BITS: u32 = 32;
/// `Σ |b|` of a market, base quanta.
pub const OPEN_INTEREST_BITS: u32 = 64;
/// The most that `Σ |b|` may become in a batch.
pub const OPEN_INTEREST_LIMIT_BITS: u32 = OPEN_INTEREST_BITS + 2;
/// A deposit, withdrawal or transfer, and the pending fees of a batch, quote quanta.
pub const AMOUNT_BITS: u32 = 63;
/// Chain id (EIP-155).
pub const CHAIN_ID_BITS: u32 = 64;
/// Address on L1: 20 bytes.
pub const ADDRESS_BITS: u32 = 160;

/// Tiers of a market: fractions rise with the value of a position.
pub const TIERS: usize = 9;
/// Tiers above the first, whose fractions stand among the other parameters.
pub const HIGHER_TIERS: usize = TIERS - 1;
/// By how much the line of a tier lies below the one through 0 with its slope, millionths of a quote quantum.
pub const TIER_OFFSET_BITS: u32 = QUOTE_BITS + FRACTION_BITS;
/// A liquidation's fee is at most this part of the maintenance fraction.
pub const LIQUIDATION_FEE_PARTS: u32 = 6;

/// Each market is listed with `max_price · max_size < 2^95`: bounds the value of one position.
pub const POSITION_VALUE_BITS: u32 = 95;
/// `κ`: the close-out requirement as a part of the maintenance requirement, parts per million.
pub const CLOSE_OUT: i128 = 500_000;
/// Position slots of a cross account.
pub const SLOTS: usize = 16;
/// Slots of a cross account that are hashed together in one block of its leaf.
pub const SLOTS_PER_BLOCK: usize = 8;
/// `|Σ p·b|` of an account: 16 positions.
pub const VALUE_BITS: u32 = POSITION_VALUE_BITS + 4;
/// `|TV| = |C·U + Σ p·b|`.
pub const TOTAL_VALUE_BITS: u32 = VALUE_BITS + 1;
/// IMR and MMR, scale `U·M`.
pub const REQUIREMENT_BITS: u32 = VALUE_BITS + FRACTION_BITS + 1;

const _: () = assert!((COLLATERAL_BITS - 1) + PRICE_SCALE_BITS < VALUE_BITS);
const _: () = assert!(M < 1 << FRACTION_BITS);
const _: () = assert!(REQUIREMENT_BITS <= 120 && TOTAL_VALUE_BITS + FRACTION_BITS <= 120);
// The cross products of the legal-change and liquidation rules stay inside the field.
const _: () = assert!(TOTAL_VALUE_BITS + REQUIREMENT_BITS + FRACTION_BITS < 252);
// Quote of a fill before its range check: lots · limit · tick_quote.
const _: () = assert!(LOTS_BITS + LIMIT_BITS + TICK_QUOTE_BITS <= 128);

/// Seconds for which one opening of a market pays funding at most: a market's parameter has this width.
pub const FUNDING_INTERVAL_BITS: u32 = 16;
/// Divisor of `rate · price · 2^16 · seconds`: rates are 10^-9 per hour.
pub const FUNDING_DIVISOR: i128 = 3600 * 1_000_000_000;
/// What a payment of funding leaves over, below [`FUNDING_DIVISOR`].
pub const FUNDING_REMAINDER_BITS: u32 = 42;
/// What one payment adds to an index.
pub const FUNDING_PAYMENT_BITS: u32 =
    RATE_BITS + PRICE_BITS + FUNDING_FRACTION_BITS + FUNDING_INTERVAL_BITS - FUNDING_REMAINDER_BITS + 2;
const _: () = assert!(RATE_BITS + PRICE_BITS + FUNDING_FRACTION_BITS + FUNDING_INTERVAL_BITS < 126);
const _: () = assert!(FUNDING_DIVISOR <= 1 << FUNDING_REMAINDER_BITS);
const _: () = assert!(FUNDING_DIVISOR > 1 << (FUNDING_REMAINDER_BITS - 1));
/// Age of a price above which its market is still or halted, seconds: parameters of a market have this width.
pub const AGE_BITS: u32 = 20;
/// For how long a market stays still after a tick whose price the breaker cut, seconds.
pub const STILL_AFTER_CUT: u64 = 60;
/// For how long a price that was asked for widens the band of the market's next tick, seconds.
pub const CONFIRMS_FOR: u64 = 900;

/// Most registered price signers.
pub const SIGNERS: usize = 8;
/// Signer i signs as the account `SIGNER_BASE + i`, which no account has.
pub const SIGNER_BASE: u64 = 520;
const _: () = assert!(POOL_BASE + (MARKETS_MAX as u64) <= SIGNER_BASE);
const _: () = assert!(SIGNER_BASE + (SIGNERS as u64) <= FIRST_USER_ACCOUNT);
/// Prices in a word of a price list: word j has those of the markets 4j to 4j + 3.
pub const PRICES_PER_WORD: usize = 4;
/// Number of a word of a price list.
pub const PRICE_WORD_BITS: u32 = 8;
const _: () = assert!(MARKETS_MAX as usize <= PRICES_PER_WORD << PRICE_WORD_BITS);
/// Length in seconds of an epoch of price lists: those of epoch k are observed at `k·EPOCH_SECONDS`.
pub const EPOCH_SECONDS: u64 = 10;
/// Number of an epoch, which is the nonce of a signer's list.
pub const EPOCH_BITS: u32 = NONCE_BITS;

/// Seconds of an hour of funding: the rate of a market with signed prices is set by the first tick of each.
pub const HOUR_SECONDS: u64 = 3_600;
/// Number of an hour since 1970.
pub const HOUR_BITS: u32 = 29;
const _: () = assert!((1 << TIME_BITS) / HOUR_SECONDS < 1 << HOUR_BITS);
/// A premium as it is signed: `premium + 2^30`, at least 1; 0 for none.
pub const PREMIUM_BITS: u32 = RATE_BITS + 1;
/// How far interest may draw a rate away from the premium, 10^-9 per hour: up to 3 % an hour.
pub const PREMIUM_CLAMP_BITS: u32 = 25;

/// A nonce may exceed the last one of its lane by at most this.
pub const NONCE_STEP_MAX: u64 = 1 << 20;
/// How far from the oracle price a fill may be: a collar counts parts per thousand, 0 for none.
pub const COLLAR_BITS: u32 = 10;
/// Parts of a collar.
pub const COLLAR_PARTS: u64 = 1_000;
/// Items hashed together in one chunk of a bulk action.
pub const ITEMS_PER_CHUNK: usize = 4;
/// Version of the signed message.
pub const MESSAGE_VERSION: u8 = 1;

/// The account that collects trading fees.
pub const FEE_ACCOUNT: u64 = 1;
/// The insurance pool of market `m` is the account `POOL_BASE + m`.
pub const POOL_BASE: u64 = 1;
/// Accounts of users start here.
pub const FIRST_USER_ACCOUNT: u64 = 600;
/// Market ids are `1..MARKETS_MAX`.
pub const MARKETS_MAX: u16 = 512;
const _: () = assert!(POOL_BASE + (MARKETS_MAX as u64) <= FIRST_USER_ACCOUNT);
/// Market status in which everything happens.
pub const STATUS_OPEN: u8 = 1;
/// Market status in which users' fills only reduce. In every other status nothing is traded.
pub const STATUS_REDUCE_ONLY: u8 = 2;
/// Market status that is final: no configuration changes the market again.
pub const STATUS_CLOSED: u8 = 0;
/// The highest market status that a configuration may set: the market is halted.
pub const STATUS_HALTED: u8 = 3;
/// Bits of the statuses up to that one.
pub const STATUS_BITS: u32 = 2;
/// What one opening of a market may cost in funding, half of what is between maintenance and close-out (κ = 1/2), so a
/// quarter of the maintenance fraction, in the units of `cap·interval`: `cap·10^-9/3600·interval <= mmf·10^-6/4`.
pub const FUNDING_SHARE: u64 = 900_000;
/// The least longest interval of funding, seconds: with a shorter one a market that batches open once a minute would stay
/// in arrears, and its cap could be any rate.
pub const FUNDING_INTERVAL_MIN: u16 = 60;
/// A configuration comes at least so many seconds behind the market's last one.
pub const CONFIGURE_STEP_SECONDS: u64 = 86_400;
/// A configuration moves a maintenance fraction or a liquidation fee by one part in so many, rounded down, and one ppm; it
/// raises the smallest order by as much and one lot.
pub const CONFIGURE_STEP_PARTS: u32 = 10;

/// A row has one time `T < 2^20`; its touches happen at `16T + j`.
pub const SEQUENCE_BITS: u32 = 20;
/// Number j of a touch within its row.
pub const TOUCH_BITS: u32 = 4;
/// Factor of T in the time of a touch. A fill has the most touches, 8.
pub const TOUCHES_PER_ROW: u32 = 1 << TOUCH_BITS;

/// Children of an inner node of the state tree.
pub const TREE_ARITY: usize = 8;
/// Levels of the accounts' wing below the wing's node.
pub const ACCOUNT_DEPTH: u32 = 12;
/// Levels of the orders' wing below the wing's node.
pub const ORDER_DEPTH: u32 = 12;
/// Levels of the markets' wing below the wing's node.
pub const MARKET_DEPTH: u32 = 3;
const _: () = assert!(3 * ACCOUNT_DEPTH == ACCOUNT_BITS && 3 * ORDER_DEPTH == ORDER_BITS);
const _: () = assert!(MARKETS_MAX as u64 == 1 << (3 * MARKET_DEPTH));

/// First element of a leaf's hash, by kind.
pub(crate) mod tag {
    pub const CROSS_BLOCK: u64 = 1;
    pub const CROSS: u64 = 2;
    pub const ISOLATED: u64 = 3;
    pub const ORDER: u64 = 4;
    pub const MARKET: u64 = 5;
    pub const GLOBALS: u64 = 6;
}
