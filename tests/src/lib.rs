//! What a user sees: whole command runs, server sessions and real editors.
