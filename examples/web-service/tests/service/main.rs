//! The service from outside: its real binary, its port, its signals, its databases.

mod postgres;
mod postgres_server;
mod server;
mod sqlite;
mod web;
