//! How fast routes are found.

use criterion::{Criterion, criterion_group, criterion_main};
use notes::settings::Settings;

fn settings(criterion: &mut Criterion) {
    criterion.bench_function("settings", |bencher| bencher.iter(Settings::from_environment));
}

criterion_group!(benches, settings);
criterion_main!(benches);
