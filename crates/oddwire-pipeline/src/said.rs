//! The tables of protocols: what was said, one row after the other in the order of time.

use crate::error::RunError;
use crate::outlet::{Outlet, Plan, Sink};
use crate::request::{Request, Shape};
use crate::stats::Stats;
use crate::tables::{Rows, Watch, tracked};
use arrow_schema::SchemaRef;
use oddwire_core::flow::TrackerOptions;
use oddwire_core::flow::shard::Output;
use oddwire_core::proto::{Listed, Row, Rules, Visit, said_columns};

/// Rows that wait to be put in the order of time: a capture with fewer is in order as a whole, a longer one nearly.
const IN_ORDER: usize = 65_536;

/// The schema of a protocol's table.
pub(crate) struct SchemaOf<'a>(pub(crate) &'a Shape);

impl Visit for SchemaOf<'_> {
    type Answer = Result<SchemaRef, RunError>;

    fn visit<P: Listed>(self) -> Self::Answer {
        Ok(Plan::new(&said_columns::<P>(), self.0)?.schema())
    }
}

/// Makes a protocol's table.
pub(crate) struct Make<'a, 's, 'w> {
    pub(crate) request: &'a Request,
    pub(crate) shape: &'a Shape,
    pub(crate) sink: &'s mut Sink<'s>,
    pub(crate) watch: &'a mut Watch<'w>,
}

impl Visit for Make<'_, '_, '_> {
    type Answer = Result<Stats, RunError>;

    fn visit<P: Listed>(self) -> Self::Answer {
        let Self { request, shape, sink, watch } = self;
        if !request.payload {
            let message =
                format!("the table {} is made of payload; leave out the option against it", P::NAME);
            return Err(RunError::Usage(message));
        }
        let plan = Plan::new(&said_columns::<P>(), shape)?;
        let said = Rules { rows: P::PROTOCOL.bit(), names: false, ..request.tracker.said };
        let options = TrackerOptions { entropy: false, splt: false, said, ..request.tracker.clone() };
        let run = if shape.eager { 1 } else { IN_ORDER };
        let mut rows = SaidOut::<P> { outlet: plan.open(sink), waiting: Vec::new(), run };
        tracked(request, options, &mut rows, watch)
    }
}

struct SaidOut<'s, P: Listed> {
    outlet: Outlet<'s, Row<P::Said>>,
    waiting: Vec<Row<P::Said>>,
    run: usize,
}

impl<P: Listed> SaidOut<'_, P> {
    fn push(&mut self) -> Result<(), RunError> {
        self.waiting.sort_by_key(|row| (row.at.time_ns, row.at.input, row.at.number));
        self.outlet.push(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }
}

impl<P: Listed> Rows for SaidOut<'_, P> {
    const SLICES: bool = false;

    fn take(&mut self, output: &mut Output) -> Result<(), RunError> {
        output.flows.clear();
        self.waiting.append(P::rows(&mut output.said));
        if self.waiting.len() >= self.run { self.push() } else { Ok(()) }
    }

    fn end(&mut self) -> Result<(), RunError> {
        self.push()?;
        self.outlet.flush()
    }

    fn rows(&self) -> u64 {
        self.outlet.rows()
    }
}
