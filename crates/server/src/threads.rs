//! The threads of long work: an index, a survey, an audit.

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// New threads for half of the machine: the other half stays with the editor.
pub(crate) fn half_of_the_machine() -> Result<ThreadPool, ThreadPoolBuildError> {
    let threads = std::thread::available_parallelism().map_or(1, |all| all.get().div_ceil(2));
    ThreadPoolBuilder::new().num_threads(threads).build()
}
