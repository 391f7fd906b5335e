//! transactions, jobs, the wire log
