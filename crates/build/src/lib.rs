//! Turns layers into a charm directory and a .charm file.
