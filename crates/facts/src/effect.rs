//! Effects: what a call does to the world. The call graph closes over them.

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

bitflags! {
    /// A set of effects. Vocabulary files name them in lower case with hyphens.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    pub struct Effects: u64 {
        /// Waits without giving the thread to others.
        const BLOCKS = 1;
        /// Sleeps.
        const SLEEPS = 1 << 1;
        /// Talks to another machine over HTTP, a socket, mail, gRPC, or a vendor's client.
        const NETWORK = 1 << 2;
        /// Talks to a database.
        const DATABASE = 1 << 3;
        /// Reads rows or documents from a database, or an item from another store or service.
        const READS = 1 << 4;
        /// Writes rows, documents or items.
        const WRITES = 1 << 5;
        /// Executes SQL text.
        const EXECUTES_SQL = 1 << 6;
        /// Makes a connection, a client, a session, an engine or a pool.
        const CONNECTS = 1 << 7;
        /// Opens, reads or writes files.
        const FILES = 1 << 8;
        /// Starts another process.
        const PROCESS = 1 << 9;
        /// Loads a machine-learning model, a tokenizer, an index or another large file.
        const LOADS_MODEL = 1 << 10;
        /// Runs a model: inference or embedding.
        const INFERS = 1 << 11;
        /// Writes a log record.
        const LOGS = 1 << 12;
        /// Prints to standard output or standard error.
        const PRINTS = 1 << 13;
        /// Answers a request.
        const RESPONDS = 1 << 14;
        /// Draws from a non-cryptographic random generator.
        const RANDOM = 1 << 15;
        /// Draws from a cryptographic random generator.
        const SECURE_RANDOM = 1 << 16;
        /// Reads data of the request: body, query, form, headers, path.
        const READS_REQUEST = 1 << 17;
        /// Reads an environment variable.
        const READS_ENVIRONMENT = 1 << 18;
        /// Ends the process, or unwinds the stack.
        const EXITS = 1 << 19;
        /// Uses the processor for long.
        const COMPUTES = 1 << 20;
        /// Waits for a lock.
        const LOCKS = 1 << 21;
        /// Starts a thread, task or goroutine.
        const SPAWNS = 1 << 22;
        /// Commits a transaction.
        const COMMITS = 1 << 23;
        /// Rolls a transaction back.
        const ROLLS_BACK = 1 << 24;
        /// Begins a transaction.
        const BEGINS = 1 << 25;
        /// Writes to a cache.
        const CACHES = 1 << 26;
        /// Sends a message: mail, queue, webhook, topic.
        const SENDS = 1 << 27;
        /// Calls a language model.
        const LANGUAGE_MODEL = 1 << 28;
        /// Computes a digest, a signature or a password hash.
        const DIGESTS = 1 << 29;
        /// Decodes outside data and can fail on it.
        const DECODES = 1 << 30;
        /// Reports an error to a tracker or raises an alert.
        const ALERTS = 1 << 31;
        /// Waits on a channel or queue.
        const CHANNEL = 1 << 32;
        /// Checks something, and fails a test where it does not hold.
        const ASSERTS = 1 << 33;
    }
}

impl Effects {
    /// The effect with a vocabulary name (`executes-sql`).
    pub fn by_name(name: &str) -> Option<Self> {
        Self::from_name(&name.replace('-', "_").to_ascii_uppercase())
    }

    /// The vocabulary names of the set, in a fixed order.
    pub fn names(self) -> Vec<String> {
        self.iter_names().map(|(name, _)| name.replace('_', "-").to_ascii_lowercase()).collect()
    }
}
