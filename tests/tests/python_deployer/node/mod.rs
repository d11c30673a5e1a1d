//! `node_test.py`: nodes, roles, properties, actions and isolation.

mod actions;
mod isolation;
mod nesting;
mod properties;
