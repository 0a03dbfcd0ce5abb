//! The clock and the entropy of the process: the only places that read them.

use std::cell::RefCell;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use interpreter::Timestamp;

/// Milliseconds since the Unix epoch, now.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// 64 random bits of the operating system. An execution wants several, so each thread keeps some in stock.
pub fn random_u64() -> u64 {
    STOCK.with_borrow_mut(|stock| {
        let taken = stock.taken;
        stock.taken = (taken + 1) % stock.words.len();
        if taken == 0 {
            stock.refill();
        }
        // Never given out twice.
        std::mem::take(&mut stock.words[taken])
    })
}

thread_local! {
    static STOCK: RefCell<Stock> = const { RefCell::new(Stock { words: [0; 64], taken: 0 }) };
}

/// Random words of a thread that were not given out yet.
struct Stock {
    words: [u64; 64],
    taken: usize,
}

impl Stock {
    fn refill(&mut self) {
        let mut bytes = [0; 512];
        fill(&mut bytes);
        for (word, bytes) in self.words.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
    }
}

/// Random bytes of the operating system. Without them no secret can be made, so the process ends.
pub(crate) fn fill(bytes: &mut [u8]) {
    if let Err(why) = getrandom::fill(bytes) {
        tracing::error!("the operating system gives no random numbers: {why}");
        std::process::abort();
    }
}

/// Time that one JSONata expression may take (developer guide: one second).
const EXPRESSION_TIME: Duration = Duration::from_secs(1);

/// Measures the time of one expression.
pub(crate) fn expression_deadline() -> Box<dyn Fn() -> bool> {
    let end = Instant::now() + EXPRESSION_TIME;
    Box::new(move || Instant::now() >= end)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::random_u64;

    #[test]
    fn no_random_word_is_given_out_twice() {
        let words: HashSet<u64> = (0..1000).map(|_| random_u64()).collect();
        assert_eq!(words.len(), 1000);
        assert!(!words.contains(&0));
    }
}
