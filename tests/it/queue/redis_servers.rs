//! Every kind of Redis that a URL can name.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gleaner::queue::{self, Outcome, Published, QueueError};

use super::world::{World, claim_one, jobs, until};
use crate::support::redis::{Server, server_on_path};

/// One job all the way, and a second that waits for its publisher.
async fn works(world: &World) {
    let (worker, cron) = (world.open().await, world.open().await);
    let two = jobs(2);
    assert_eq!(cron.publish(&two[..1]).await.unwrap(), [Published::New]);
    let lease = claim_one(&*worker).await;
    assert!(worker.renew(&lease).await.unwrap());
    assert!(worker.complete(&lease, &Outcome::Delivered).await.unwrap());
    let waiting = tokio::spawn({
        let worker = worker.clone();
        async move { claim_one(&*worker).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    cron.publish(&two).await.unwrap();
    let lease = waiting.await.unwrap();
    assert!(worker.complete(&lease, &Outcome::Delivered).await.unwrap());
    assert!(cron.counts().await.unwrap().is_drained());
    assert_eq!(cron.list(None, 10).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn password_user_and_database() {
    if !server_on_path() {
        return;
    }
    let acl = "user gleaner on >p@ss:word/1 ~{test-*}:* +@all -@dangerous +hello";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.acl");
    std::fs::write(&file, format!("user default off\n{acl}\n")).unwrap();
    let server = Server::start(&["--aclfile", file.to_str().unwrap()]).unwrap();
    let at = format!("127.0.0.1:{}", server.port());
    works(&World::redis_at(&format!(
        "redis://gleaner:p%40ss%3Aword%2F1@{at}/5"
    )))
    .await;

    let wrong = World::redis_at(&format!("redis://gleaner:hunter2@{at}/5"));
    let error = queue::open(&wrong.config).await.err().unwrap();
    assert!(matches!(error, QueueError::Unavailable(_)), "{error:?}");
    assert!(error.to_string().contains("user and password"), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");

    let mut other = World::redis_at(&format!("redis://gleaner:p%40ss%3Aword%2F1@{at}"));
    other.config.store.prefix = "not-allowed".into();
    let error = queue::open(&other.config).await.err().unwrap();
    assert!(error.to_string().contains("forbids"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn databases_are_apart() {
    let world = World::redis().await;
    let mut other = World::redis().await;
    other
        .config
        .store
        .prefix
        .clone_from(&world.config.store.prefix);
    let url = format!("{}/7", other.config.store.url.expose());
    other.config.store.url = gleaner::config::Secret::from(&*url);
    world.open().await.publish(&jobs(1)).await.unwrap();
    assert_eq!(other.open().await.counts().await.unwrap().waiting, 0);
    works(&other).await;
}

/// Makes an authority and a certificate for 127.0.0.1 signed by it.
fn certificates(folder: &Path) -> bool {
    let script = "set -e
        openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca \
            -addext basicConstraints=critical,CA:TRUE
        openssl req -newkey rsa:2048 -nodes -keyout key.pem -out csr.pem -subj /CN=redis
        printf 'subjectAltName=IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\n' > ext
        openssl x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile ext";
    let made = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder)
        .output();
    let made = made.is_ok_and(|output| output.status.success());
    if !made {
        eprintln!("SKIPPED: needs openssl on the PATH");
    }
    made
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_with_an_authority_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    if !server_on_path() || !certificates(folder.path()) {
        return;
    }
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (ca, cert, key) = (file("ca.pem"), file("cert.pem"), file("key.pem"));
    let tls_port = crate::support::redis::free_port().to_string();
    let tls = ["--tls-port", &tls_port, "--tls-auth-clients", "no"];
    let files = [
        "--tls-cert-file",
        &cert,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &ca,
    ];
    let _server = Server::start(&[&tls[..], &files[..]].concat()).unwrap();
    let mut world = World::redis_at(&format!("rediss://127.0.0.1:{tls_port}"));
    let error = queue::open(&world.config).await.err().unwrap();
    assert!(matches!(error, QueueError::Unavailable(_)), "{error:?}");
    assert!(error.to_string().contains("certificate"), "{error}");
    world.config.store.ca_file = ca.into();
    works(&world).await;
    world.config.store.ca_file = "/nowhere/ca.pem".into();
    let error = queue::open(&world.config).await.err().unwrap();
    assert!(error.to_string().contains("/nowhere/ca.pem"), "{error}");
}

async fn ask(server: &Server, words: &[&str]) -> redis::RedisResult<redis::Value> {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await?;
    let mut command = redis::cmd(words[0]);
    for word in &words[1..] {
        command.arg(word);
    }
    command.query_async(&mut connection).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cluster() {
    if !server_on_path() {
        return;
    }
    let options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
    let nodes: Vec<Server> = (0..3).map(|_| Server::start(&options).unwrap()).collect();
    let ranges = [("0", "5460"), ("5461", "10922"), ("10923", "16383")];
    for (node, (from, to)) in nodes.iter().zip(ranges) {
        ask(node, &["CLUSTER", "ADDSLOTSRANGE", from, to])
            .await
            .unwrap();
        let port = nodes[0].port().to_string();
        ask(node, &["CLUSTER", "MEET", "127.0.0.1", &port])
            .await
            .unwrap();
    }
    for node in &nodes {
        until("the cluster is whole", async || {
            let info = ask(node, &["CLUSTER", "INFO"]).await.unwrap();
            let info: String = redis::from_redis_value(info).unwrap();
            info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
        })
        .await;
    }
    let hosts: Vec<String> = nodes
        .iter()
        .map(|n| format!("127.0.0.1:{}", n.port()))
        .collect();
    // The prefixes fall on different nodes; any node can be asked for the way.
    for _ in 0..6 {
        works(&World::redis_at(&format!(
            "redis+cluster://{}",
            hosts.join(",")
        )))
        .await;
    }
    works(&World::redis_at(&format!(
        "redis+cluster://127.0.0.1:1,{}",
        hosts[1]
    )))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sentinel_and_its_failover() {
    if !server_on_path() {
        return;
    }
    let mut master = Server::start(&["--repl-diskless-sync-delay", "0"]).unwrap();
    let port = master.port().to_string();
    let replica = Server::start(&["--replicaof", &format!("127.0.0.1 {port}")]).unwrap();
    let sentinel = Server::start(&["--sentinel"]).unwrap();
    ask(
        &sentinel,
        &["SENTINEL", "MONITOR", "main", "127.0.0.1", &port, "1"],
    )
    .await
    .unwrap();
    for (name, value) in [
        ("down-after-milliseconds", "500"),
        ("failover-timeout", "3000"),
    ] {
        ask(&sentinel, &["SENTINEL", "SET", "main", name, value])
            .await
            .unwrap();
    }
    let at = format!("127.0.0.1:{}", sentinel.port());
    let unknown = World::redis_at(&format!("redis+sentinel://{at}/other"));
    let error = queue::open(&unknown.config).await.err().unwrap();
    assert!(matches!(error, QueueError::Unavailable(_)), "{error:?}");

    let world = World::redis_at(&format!("redis+sentinel://127.0.0.1:1,{at}/main/3"));
    works(&world).await;
    until("the Sentinel knows the replica", async || {
        let replicas = ask(&sentinel, &["SENTINEL", "REPLICAS", "main"])
            .await
            .unwrap();
        replicas.as_sequence().is_some_and(|list| !list.is_empty())
    })
    .await;
    let queue = world.open().await;
    queue
        .publish(&[super::world::job("https://blog.test/before", None)])
        .await
        .unwrap();
    until("the replica has it", async || {
        let replicas = ask(&master, &["WAIT", "1", "100"]).await.unwrap();
        replicas == redis::Value::Int(1)
    })
    .await;
    master.kill();
    // The same handle finds the new master by itself.
    until("the replica took over", async || {
        queue.counts().await.is_ok()
    })
    .await;
    assert_eq!(
        claim_one(&*queue).await.job.entry.link,
        "https://blog.test/before"
    );
    let role = ask(&replica, &["ROLE"]).await.unwrap();
    let role: String = redis::from_redis_value(role.as_sequence().unwrap()[0].clone()).unwrap();
    assert_eq!(role, "master");
}
