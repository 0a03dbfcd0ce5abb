//! What only this store has: connections that are lost at any moment, other nodes, and schemas of others and of other
//! times.

#![expect(clippy::unwrap_used, reason = "a test")]

mod server;

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use server::Server;
use store::{Batch, Commit, Epoch, Error, ExecutionKey, ShardId, Store};
use store_postgres::{Options, PostgresStore};
use tempfile::TempDir;

const SHARD: ShardId = ShardId(1);

fn connect(url: &str, schema: &str) -> PostgresStore {
    PostgresStore::connect(url, options(schema)).unwrap()
}

fn options(schema: &str) -> Options {
    Options { schema: schema.to_owned(), ..Options::default() }
}

fn key(i: u16) -> ExecutionKey {
    ExecutionKey::new(0, i, SHARD)
}

fn commit(epoch: Epoch, i: u16) -> Commit {
    let batch = Batch { execution: key(i), first: 1, last: 1, first_event: 1, body: vec![1] };
    Commit { batches: vec![batch], ..Commit::new(SHARD, epoch) }
}

fn has(store: &PostgresStore, i: u16) -> bool {
    !store.batches(key(i), 1, 1).unwrap().is_empty()
}

/// Runs statements as a stranger would.
fn execute(url: &str, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
    });
}

#[test]
fn nodes() {
    let Some(server) = Server::start() else { return };
    takeover(&server);
    connections_ended_by_the_server(&server);
    from_another_runtime(&server);
    schemas(&server);
}

fn takeover(server: &Server) {
    let schema = Server::schema();
    let (old, new) = (connect(&server.url, &schema), connect(&server.url, &schema));
    let first = old.acquire(SHARD, "old").unwrap();
    old.commit(&[commit(first, 1)]).unwrap();
    let second = new.acquire(SHARD, "new").unwrap();
    assert!(has(&new, 1));
    new.commit(&[commit(second, 2)]).unwrap();
    // Also when its rows would collide: it must learn that the shard is not its own any more.
    for i in [2, 3] {
        assert!(matches!(old.commit(&[commit(first, i)]), Err(Error::Fenced)));
    }
    assert_eq!([1, 2, 3].map(|i| has(&old, i)), [true, true, false]);
}

fn connections_ended_by_the_server(server: &Server) {
    let schema = Server::schema();
    let url = format!("{} application_name={schema}", server.url);
    let store = connect(&url, &schema);
    let epoch = store.acquire(SHARD, "test").unwrap();
    for i in 0..5 {
        let end = format!(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = '{schema}'"
        );
        // PostgreSQL 13 and older do not wait there.
        execute(&server.url, &end);
        if i % 2 == 0 {
            assert!(!has(&store, i));
        }
        store.commit(&[commit(epoch, i)]).unwrap();
        assert!(has(&store, i));
    }
}

fn from_another_runtime(server: &Server) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(async {
        let store = connect(&server.url, &Server::schema());
        let epoch = store.acquire(SHARD, "test").unwrap();
        store.commit(&[commit(epoch, 1)]).unwrap();
        assert!(has(&store, 1));
    });
}

fn schemas(server: &Server) {
    let (newer, foreign, mine) = (Server::schema(), Server::schema(), Server::schema());
    drop(connect(&server.url, &newer));
    execute(&server.url, &format!("UPDATE {newer}.schema_version SET version = 99"));
    execute(&server.url, &format!("CREATE SCHEMA {foreign}; CREATE TABLE {foreign}.t (c integer)"));
    let nowhere = "host=/nonexistent user=postgres";
    let cases = [
        (
            server.url.as_str(),
            newer.as_str(),
            format!(
                "the store has another format: the database's schema `{newer}` has version 99, and this release knows \
                 versions up to 2; it was written by a newer release: run that one, or restore a backup made before \
                 the upgrade"
            ),
        ),
        (
            &server.url,
            &foreign,
            format!(
                "the store has another format: the database's schema `{foreign}` has tables, but not Stepwell's; \
                 choose another schema or database"
            ),
        ),
        (
            &server.url,
            "Robert\"",
            "the store failed: `Robert\"` cannot be the schema's name; use up to 63 lower-case letters, digits and \
             `_`, beginning with a letter"
                .to_owned(),
        ),
        (
            nowhere,
            &mine,
            "the store failed: PostgreSQL: error connecting to server: No such file or directory (os error 2)".to_owned(),
        ),
        ("postgres://:bad", &mine, "the store failed: the URL of the database cannot be read: invalid connection string: invalid value for option `port`".to_owned()),
    ];
    for (url, schema, expected) in cases {
        let message = PostgresStore::connect(url, options(schema)).map(|_| ()).unwrap_err().to_string();
        assert_eq!(message, expected);
    }
}

#[test]
fn encryption() {
    let Some((server, certificate)) = Server::with_certificate() else { return };
    let schema = Server::schema();
    let open = |url: &str, roots: Option<&Path>| {
        let options = Options { root_certificates: roots.map(Path::to_owned), ..options(&schema) };
        PostgresStore::connect(url, options).map_err(|error| error.to_string())
    };
    let required = format!("{} sslmode=require", server.url);
    let other_name = required.replace("localhost", "127.0.0.1");
    let failed = "the store failed: PostgreSQL: error performing TLS handshake: invalid peer certificate: ";
    let cases = [
        ("with its root", &required, Some(&certificate), Ok(())),
        ("with the machine's roots", &required, None, Err(format!("{failed}UnknownIssuer"))),
        (
            "under another name",
            &other_name,
            Some(&certificate),
            Err(format!("{failed}certificate not valid for name")),
        ),
        ("not asked for", &server.url, None, Ok(())),
    ];
    for (case, url, roots, expected) in cases {
        let found = open(url, roots.map(PathBuf::as_path)).map(|_| ());
        let same = match (&found, &expected) {
            (Err(found), Err(expected)) => found.starts_with(expected),
            _ => found == expected,
        };
        assert!(same, "{case}: {found:?}");
    }
    let nothing = TempDir::new().unwrap().path().join("nothing");
    let message = open(&required, Some(&nothing)).map(|_| ()).unwrap_err();
    assert!(
        message.starts_with(&format!(
            "the store failed: cannot read the certificates in `{}`: ",
            nothing.display()
        )),
        "{message}"
    );
    let used = format!("{required} application_name={schema}");
    let store = open(&used, Some(&certificate)).unwrap();
    store.acquire(SHARD, "test").unwrap();
    let sql = format!(
        "SELECT 1 / count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND application_name = '{schema}'"
    );
    execute(&server.url, &sql);
}

/// When a connection through the proxy is cut.
#[derive(Clone, Copy)]
struct Cut {
    /// When the client sends this.
    at: &'static [u8],
    /// Whether it still reaches the server, whose answer is then lost.
    sent: bool,
}

#[test]
fn connections_lost_in_the_middle() {
    let Some(server) = Server::private("for the test that cuts connections") else { return };
    let socket = server.folder().unwrap().join(".s.PGSQL.5432");
    let proxy = Proxy::start(socket);
    let schema = Server::schema();
    let url = format!("host={} user=postgres dbname=postgres", proxy.folder.path().display());
    let (store, witness) = (connect(&url, &schema), connect(&server.url, &schema));
    let epoch = store.acquire(SHARD, "test").unwrap();
    let unknown = "the store failed: the outcome of a commit is unknown: ";
    let cases = [
        ("before anything was sent", Cut { at: b"BEGIN\0", sent: false }, "", true),
        ("before the answer to the first statement", Cut { at: b"BEGIN\0", sent: true }, "", true),
        ("before the commit arrived", Cut { at: b"COMMIT\0", sent: false }, unknown, false),
        ("before the answer to the commit", Cut { at: b"COMMIT\0", sent: true }, unknown, true),
    ];
    for (i, (case, cut, message, written)) in (1..).zip(cases) {
        proxy.cut(cut);
        let answer = store.commit(&[commit(epoch, i)]);
        let text = answer.map_or_else(|error| error.to_string(), |()| String::new());
        assert!(text.starts_with(message) && text.is_empty() == message.is_empty(), "{case}: {text}");
        // The server may still be at it; a takeover waits for it.
        witness.acquire(ShardId(2), "witness").unwrap();
        let seen = (0..200).any(|_| has(&witness, i) == written || sleep());
        assert!(seen, "{case}: written: {written}");
        store.commit(&[commit(epoch, 100 + i)]).unwrap();
        assert!(has(&store, 100 + i), "{case}: afterwards");
    }
}

fn sleep() -> bool {
    thread::sleep(std::time::Duration::from_millis(10));
    false
}

/// Stands between a store and a server, and cuts a connection once when it is told to.
struct Proxy {
    folder: TempDir,
    cut: Arc<Mutex<Option<Cut>>>,
}

impl Proxy {
    fn start(server: PathBuf) -> Proxy {
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let cut = Arc::new(Mutex::new(None));
        let orders = Arc::clone(&cut);
        // Ends with the process: it waits for connections that nobody makes.
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, orders) = (client.unwrap(), Arc::clone(&orders));
                forward(client, &server, orders);
            }
        });
        Proxy { folder, cut }
    }

    fn cut(&self, cut: Cut) {
        *self.cut.lock().unwrap() = Some(cut);
    }
}

fn forward(client: UnixStream, server: &Path, orders: Arc<Mutex<Option<Cut>>>) {
    let server = UnixStream::connect(server).unwrap();
    let (mut from_server, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || {
        // An end of either side ends both.
        _ = std::io::copy(&mut from_server, &mut to_client);
        _ = to_client.shutdown(Shutdown::Both);
    });
    thread::spawn(move || {
        let (mut client, mut server) = (client, server);
        let mut bytes = [0; 65536];
        while let Ok(count @ 1..) = client.read(&mut bytes) {
            let bytes = &bytes[..count];
            let order = {
                let mut orders = orders.lock().unwrap();
                let due =
                    orders.is_some_and(|cut| bytes.windows(cut.at.len()).any(|window| window == cut.at));
                if due { orders.take() } else { None }
            };
            if order.is_some() {
                // The answer is lost in any case.
                _ = client.shutdown(Shutdown::Both);
            }
            if order.is_some_and(|cut| !cut.sent) || server.write_all(bytes).is_err() {
                break;
            }
        }
        // What was sent is still worked through before the server sees the end.
        _ = server.shutdown(Shutdown::Write);
    });
}
