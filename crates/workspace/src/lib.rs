//! Discovery of files and projects.
