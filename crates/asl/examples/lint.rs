//! Times lint over files: the median, and the slowest. `cargo run --release -p asl --example lint -- FILE…`

use std::time::Instant;

fn main() {
    let mut times = Vec::new();
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let is_yaml = path.ends_with(".yaml") || path.ends_with(".yml");
        let options = asl::LintOptions { is_yaml, ..Default::default() };
        let best = (0..5)
            .map(|_| {
                let start = Instant::now();
                std::hint::black_box(asl::lint(&text, options));
                start.elapsed()
            })
            .min();
        times.extend(best.map(|best| (best, path)));
    }
    times.sort();
    if let (Some((median, _)), Some((slowest, path))) = (times.get(times.len() / 2), times.last()) {
        println!("{} files: median {median:?}, slowest {slowest:?} ({path})", times.len());
    }
}
