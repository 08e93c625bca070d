//! Events to batches of ops: who owns what, what each batch holds, and when it closes.
//!
//! A batch is planned on a copy of the state without signatures ([`plan`]), then signed, then applied
//! for good with every signature verified. Each row of the tape is applied or refused, and counted.

mod accounts;
mod acts;
mod batch;
mod commit;
mod forced;
mod items;
mod liquidations;
pub mod market;
pub mod oracle;
mod orders;
mod plan;
mod prints;
mod refused;
mod requests;
mod run;
mod sizes;
mod start;
pub mod tally;
mod ticks;
mod wallets;
mod window;
mod work;

#[cfg(test)]
mod tests;

pub use batch::{Batch, Closed, EngineError, Settings};
pub use refused::{Code, Reason, Refused};
pub use tally::{Kind, Tally};
pub use ticks::Clamped;
use ticks::{Asked, Waiting};
use wallets::Wallets;

use crate::record::genesis::GenesisFile;
use crate::wire::Tape;
use crate::wire::event::{Market, OrderName};
use accounts::Parts;
use commit::Planned;
use oracle::PriceSigners;
use orders::{Orders, Parting};
use run::Directory;
use std::collections::BTreeMap;
use window::{Opening, Window};
use work::Work;
use zkmargin_circuits::kinds::{Capacities, Overflow};
use zkmargin_circuits::state::State;

/// Takes refusals as they come.
pub type Sink<'a> = &'a mut (dyn FnMut(Refused) + Send);

/// Where a batch may end whose first pieces all belong together.
enum Room {
    /// Try so many pieces.
    More(usize),
    /// End before this piece although it belongs to those before.
    Parted(usize),
    /// The ticks of the opening go first: without them there may be room.
    TicksAlone,
    /// No batch holds this fill-or-kill order and its fills.
    NoBatch(OrderName),
}

/// Turns one tape into batches.
pub struct Engine {
    tape: Tape,
    work: Vec<Work>,
    orders: Orders,
    parts: Parts,
    cursor: usize,
    genesis: GenesisFile,
    state: State,
    wallets: Wallets,
    oracle: PriceSigners,
    /// Ticks that wait for an epoch of signed prices.
    waiting: BTreeMap<Market, Waiting>,
    directory: Directory,
    /// Last ordinary print of each market, ticks.
    prints: BTreeMap<Market, u32>,
    /// A liquidation that opens a batch at its own mark price.
    marked: Option<usize>,
    /// Pieces of work that are tried first, at least one: fewer after work that fitted no batch.
    reach: usize,
    /// The tape prints trades; else it names orders and their matches.
    printed: bool,
    settings: Settings,
    total: Tally,
}

impl Engine {
    /// Lists the markets, opens the books and lowers the tape to work.
    pub fn new(mut tape: Tape, settings: Settings) -> Result<Self, EngineError> {
        let wallets = Wallets::new(settings.seed, &tape.users);
        let oracle = PriceSigners::new(settings.seed, settings.signers);
        let (state, genesis) = start::genesis(&mut tape, &wallets, &oracle.public())?;
        let (signers, markets) = (settings.signers, genesis.markets.len());
        let lacking = oracle.lacking(markets, &settings.capacities);
        if !lacking.is_empty() {
            return Err(EngineError::PriceSigners { signers, lacking });
        }
        let printed = start::is_printed(&tape);
        let parts = Parts::of(&tape.events, &settings.capacities);
        let work = if printed {
            start::lower_prints(&tape, &state, &parts)
        } else {
            start::lower_requests(&tape, &state, &oracle.beside_lists(markets, settings.capacities))
        };
        let orders = Orders::of(&tape.events, &work);
        let total = Tally { rows_refused: tape.skipped_rows(), ..Tally::default() };
        Ok(Self {
            tape,
            work,
            orders,
            parts,
            cursor: 0,
            genesis,
            state,
            wallets,
            oracle,
            waiting: BTreeMap::new(),
            directory: Directory::default(),
            prints: BTreeMap::new(),
            marked: None,
            reach: usize::MAX,
            printed,
            settings,
            total,
        })
    }

    /// What the exchange started with.
    pub fn genesis(&self) -> &GenesisFile {
        &self.genesis
    }

    /// The state after the last batch.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The tape that is replayed.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// The capacities of the shape without what the lists of a batch may take.
    fn beside_lists(&self) -> Capacities {
        self.oracle.beside_lists(self.genesis.markets.len(), self.settings.capacities)
    }

    /// The counts over all batches so far; rows that the reader left out are refused from the start.
    pub fn total(&self) -> &Tally {
        &self.total
    }

    /// Other rules for the batches to come.
    pub fn set_settings(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// The batches to come, until the tape is done; `refused` takes the refusals as they come.
    pub fn batches<'a>(
        &'a mut self,
        refused: Sink<'a>,
    ) -> impl Iterator<Item = Result<Batch, EngineError>> + 'a {
        std::iter::from_fn(move || self.next_batch(refused).transpose())
    }

    /// The next batch, signed and applied; None when the tape is done. `refused` takes what was refused
    /// on the way, also where no batch follows.
    pub fn next_batch(&mut self, refused: Sink<'_>) -> Result<Option<Batch>, EngineError> {
        while self.cursor < self.work.len() || !self.waiting.is_empty() {
            if let Some(batch) = self.attempt(refused)? {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    /// One batch, or none: then the cursor has moved past work that no batch can hold or that was all
    /// refused, or there is less to try.
    ///
    /// Work is tried from `reach` pieces on, twice as many while they fit. Where rows run out the batch
    /// ends; if the house's rows run out, nothing says where, and half is tried.
    fn attempt(&mut self, sink: Sink<'_>) -> Result<Option<Batch>, EngineError> {
        let opening = self.opening();
        let Window { end, mut closed } = self.window(&opening);
        let start = opening.start;
        let mut most = end - start;
        let mut length = self.reach.min(most);
        let mut good: Option<(Planned, usize)> = None;
        let mut parted = None;
        loop {
            let end = parted.take().unwrap_or_else(|| self.orders.cut(start, start + length));
            if end == start && length > 0 {
                match self.room(&opening, length, most) {
                    Room::More(pieces) => length = pieces,
                    Room::Parted(end) => {
                        (parted, most, closed) = (Some(end), end - start, Closed::Parted);
                        length = most;
                    }
                    Room::TicksAlone => return self.ticks_alone(&opening, closed, sink),
                    Room::NoBatch(name) => return self.refuse_whole(name, sink),
                }
                continue;
            }
            let plan = self.plan(&opening, start..end)?;
            match plan.pass.stop {
                None if length == most => return self.fits(plan, start..end, closed, sink),
                None => {
                    good = Some((plan, end));
                    length = length.saturating_mul(2).min(most);
                }
                Some(stop) => {
                    closed = stop.closed;
                    let tried = end - start;
                    // Later work adds to what opens a batch of prints: less of it may fit.
                    let halve = self.printed && tried > 1;
                    most = match (stop.index, good.take()) {
                        (None, Some((plan, end))) => return self.fits(plan, start..end, closed, sink),
                        (None | Some(0), _) if closed != Closed::Liquidation && halve => tried / 2,
                        (None | Some(0), _) => return self.stuck(&opening, closed, sink),
                        (Some(index), _) => index,
                    };
                    length = most;
                }
            }
        }
    }

    /// What to do with `length` of at most `most` pieces where each end would part an order from a fill.
    fn room(&self, opening: &Opening, length: usize, most: usize) -> Room {
        if length < most {
            return Room::More(length.saturating_mul(2).min(most));
        }
        if opening.has_ticks(self.cursor) {
            return Room::TicksAlone;
        }
        match self.orders.part(opening.start, opening.start + most) {
            Parting::Strike(name) => Room::NoBatch(name),
            Parting::Cut(end) => Room::Parted(end),
        }
    }

    /// Applies a plan, and notes how much is worth trying next.
    fn fits(
        &mut self,
        plan: Planned,
        range: std::ops::Range<usize>,
        closed: Closed,
        sink: Sink<'_>,
    ) -> Result<Option<Batch>, EngineError> {
        let end = range.end;
        self.reach = self.reach.max(range.len()).saturating_mul(2);
        let batch = self.close(plan, range, closed, sink)?;
        // The liquidation that closed this batch may open the next one at its mark.
        self.marked = (closed == Closed::Liquidation).then_some(end);
        Ok(batch)
    }

    /// Refuses a fill-or-kill order, and its fills, which no batch can hold.
    fn refuse_whole(&mut self, name: OrderName, sink: Sink<'_>) -> Result<Option<Batch>, EngineError> {
        let refused = self.strike(name, Reason::TooManyFills);
        self.total.refuse(&refused);
        sink(refused);
        Ok(None)
    }

    /// The first piece of work does not fit, not even alone.
    fn stuck(
        &mut self,
        opening: &Opening,
        closed: Closed,
        sink: Sink<'_>,
    ) -> Result<Option<Batch>, EngineError> {
        let start = opening.start;
        let Closed::Full(overflow) = closed else {
            // A liquidation that is due at its own mark opens a batch.
            self.marked = Some(start);
            return Ok(None);
        };
        if opening.has_ticks(self.cursor) {
            return self.ticks_alone(opening, closed, sink);
        }
        if !self.divide(start) {
            self.skip(overflow, sink);
        }
        Ok(None)
    }

    /// A batch of the ticks that the tape opens with, or of as many as fit.
    fn ticks_alone(
        &mut self,
        opening: &Opening,
        closed: Closed,
        sink: Sink<'_>,
    ) -> Result<Option<Batch>, EngineError> {
        let mut ticks = opening.asked.len();
        loop {
            let opening = opening.first(self.cursor, ticks);
            let range = opening.start..opening.start;
            let plan = self.plan(&opening, range.clone())?;
            match plan.pass.stop.map(|stop| stop.closed) {
                Some(Closed::Full(overflow)) if ticks == 1 => {
                    match opening.asked.first().filter(|_| opening.waited) {
                        Some(asked) => self.refuse_tick(asked, overflow, sink),
                        None => self.skip(overflow, sink),
                    }
                    return Ok(None);
                }
                Some(_) => ticks /= 2,
                None => return self.fits(plan, range, closed, sink),
            }
        }
    }

    /// Refuses a tick that has waited and that no batch can hold.
    fn refuse_tick(&mut self, asked: &Asked, overflow: Overflow, sink: Sink<'_>) {
        let Asked { line, rows, tick } = *asked;
        let reason = Reason::DoesNotFit(overflow);
        let refused = Refused { line, kind: Kind::Tick, market: Some(tick.market), rows, reason };
        self.total.refuse(&refused);
        sink(refused);
        self.waiting.remove(&tick.market);
    }

    /// Refuses the work at the cursor, which no batch can hold.
    fn skip(&mut self, overflow: Overflow, sink: Sink<'_>) {
        let work = &self.work[self.cursor];
        let (line, kind, market) = (work.line, work.kind(), work.market());
        let reason = Reason::DoesNotFit(overflow);
        let refused = Refused { line, kind, market, rows: work.rows.into(), reason };
        self.total.refuse(&refused);
        sink(refused);
        self.see(self.cursor, self.cursor + 1);
        self.cursor += 1;
        self.reach = 1;
    }
}
