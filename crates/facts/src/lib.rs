//! What code says: language-neutral facts, resolved names and the vocabulary of libraries.
