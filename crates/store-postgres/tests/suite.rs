//! The rules that every store keeps.

mod server;

use server::Server;
use store::suite::{self, Open};
use store_postgres::{Options, PostgresStore};

#[test]
fn postgres() {
    let Some(server) = Server::start() else { return };
    let mut schema = String::new();
    suite::run(&mut |open| {
        if open == Open::Fresh {
            schema = Server::schema();
        }
        let options = Options { schema: schema.clone(), ..Options::default() };
        Box::new(PostgresStore::connect(&server.url, options).unwrap())
    });
}
