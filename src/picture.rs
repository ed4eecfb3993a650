//! What a report looks like, before anybody draws it: the way with its break, the requests in time, the round trips, the transports.
//! Pure and read from the report alone, so a saved report gives the same pictures as the run that made it.

pub mod path;
pub mod round_trips;
pub mod transports;
pub mod waterfall;
