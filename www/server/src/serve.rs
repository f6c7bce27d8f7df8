//! Starting: a listener for each origin, bound before anything else so that their addresses are known.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::rt::TokioTimer;
use tokio::task::JoinSet;
use tower::make::Shared as ForEach;
use tower::{Service, service_fn};
use url::Url;

use crate::args::Args;
use crate::faults::{self, Listener};
use crate::origins::Origins;
use crate::state::{App, Shared};
use crate::{api, cleaning, docs, foreign, static_files, tls};

/// What kept the server from starting.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

/// So long may a request take that is under way when the server is told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// A running server; dropping it stops the listeners, and the cleaning.
pub struct Running {
    /// Where it listens.
    pub addresses: Origins,
    listeners: JoinSet<io::Result<()>>,
    handles: Vec<Handle<SocketAddr>>,
    _cleaning: JoinSet<()>,
}

impl Running {
    /// Waits until a listener fails; otherwise for ever.
    pub async fn ended(&mut self) {
        self.listeners.join_next().await;
    }

    /// Takes no more connections, answers the requests that are under way, and ends.
    pub async fn stop(mut self) {
        for handle in &self.handles {
            handle.graceful_shutdown(Some(LAST_REQUESTS));
        }
        while self.listeners.join_next().await.is_some() {}
    }
}

/// Starts everything.
pub async fn start(args: Args) -> Result<Running, StartError> {
    let app_sockets = bind(args.listen, args.app_port)?;
    let api_sockets = bind(args.listen, args.api_port)?;
    let foreign_sockets = bind(args.listen, args.foreign_port)?;
    let docs_sockets = args
        .docs_dir
        .as_ref()
        .map(|_| bind(args.listen, args.docs_port))
        .transpose()?;
    let scheme = if args.tls { "https" } else { "http" };
    let addresses = Origins {
        app: origin(scheme, app_sockets.port)?,
        api: origin(scheme, api_sockets.port)?,
        foreign: origin(scheme, foreign_sockets.port)?,
        docs: docs_sockets
            .as_ref()
            .map(|sockets| origin(scheme, sockets.port))
            .transpose()?,
    };

    let public = Origins {
        app: args.app_origin.clone().unwrap_or(addresses.app.clone()),
        api: args.api_origin.clone().unwrap_or(addresses.api.clone()),
        ..addresses.clone()
    };
    let app = App::new(&args, public.clone())
        .await
        .map_err(|error| error.reason().to_owned())?;
    let tls = if args.tls {
        Some(tls::self_signed(args.http1)?)
    } else {
        None
    };
    let mut listeners = Listeners {
        tls,
        keep_alive: !args.faults,
        tasks: JoinSet::new(),
        handles: Vec::new(),
    };

    let site = static_files::router(args.app_dir, &public);
    listeners.add(app_sockets, site)?;
    if let Some((sockets, directory)) = docs_sockets.zip(args.docs_dir) {
        listeners.add(sockets, docs::router(&directory))?;
    }
    listeners.add(
        api_sockets,
        observed(app.clone(), api::router(&app, args.metrics), Listener::Api),
    )?;
    listeners.add(
        foreign_sockets,
        observed(
            app.clone(),
            foreign::router(&public, args.faults),
            Listener::Foreign,
        ),
    )?;
    let mut cleaning = JoinSet::new();
    cleaning.spawn(cleaning::run(app));
    Ok(Running {
        addresses,
        listeners: listeners.tasks,
        handles: listeners.handles,
        _cleaning: cleaning,
    })
}

/// As browsers write it, which is without a port where it is the scheme's own.
fn origin(scheme: &str, port: u16) -> Result<String, url::ParseError> {
    Ok(Url::parse(&format!("{scheme}://localhost:{port}"))?
        .origin()
        .ascii_serialization())
}

/// Puts the fault knobs and the log around a router. An error of this service breaks the
/// connection without an answer, which is what a dropped answer is.
fn observed(
    app: Shared,
    router: axum::Router,
    listener: Listener,
) -> impl Service<
    Request<Body>,
    Response = Response<Body>,
    Error = faults::Dropped,
    Future: Send + 'static,
> + Clone
+ Send
+ 'static {
    service_fn(move |request| faults::observe(app.clone(), router.clone(), listener, request))
}

struct Sockets {
    port: u16,
    sockets: Vec<TcpListener>,
}

/// Binds a port of an address, or of loopback in both families: `localhost` may mean either.
fn bind(address: Option<IpAddr>, port: u16) -> io::Result<Sockets> {
    if let Some(address) = address {
        let socket = TcpListener::bind((address, port))?;
        return Ok(Sockets {
            port: socket.local_addr()?.port(),
            sockets: vec![socket],
        });
    }
    let mut attempts = if port == 0 { 0..16 } else { 0..1 };
    loop {
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let port = v4.local_addr()?.port();
        match TcpListener::bind((IpAddr::from(Ipv6Addr::LOCALHOST), port)) {
            Ok(v6) => {
                return Ok(Sockets {
                    port,
                    sockets: vec![v4, v6],
                });
            }
            // Another program has the other half of the name: half of our clients would go there.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                attempts.next();
                if attempts.is_empty() {
                    return Err(error);
                }
            }
            // A machine without IPv6.
            Err(_) => {
                return Ok(Sockets {
                    port,
                    sockets: vec![v4],
                });
            }
        }
    }
}

struct Listeners {
    tls: Option<RustlsConfig>,
    /// With `--faults` off for HTTP/1: on a reused connection browsers send a request again, by
    /// themselves, when its answer is dropped, and the test would count two.
    keep_alive: bool,
    tasks: JoinSet<io::Result<()>>,
    /// One for each task: they tell it to stop.
    handles: Vec<Handle<SocketAddr>>,
}

impl Listeners {
    fn add<S, E>(&mut self, bound: Sockets, service: S) -> io::Result<()>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = E> + Clone + Send + 'static,
        S::Future: Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        let service = tower::ServiceBuilder::new()
            .map_request(|request: Request<hyper::body::Incoming>| request.map(Body::new))
            .service(service);
        for socket in bound.sockets {
            socket.set_nonblocking(true)?;
            let each = ForEach::new(service.clone());
            let handle = Handle::new();
            self.handles.push(handle.clone());
            match &self.tls {
                Some(tls) => {
                    let mut server = axum_server::from_tcp_rustls(socket, tls.clone())?
                        .handle(handle)
                        .map(|tls| tls.acceptor(faults::Resettable));
                    configure(server.http_builder(), self.keep_alive);
                    self.tasks.spawn(server.serve(each));
                }
                None => {
                    let mut server = axum_server::from_tcp(socket)?
                        .handle(handle)
                        .acceptor(faults::Resettable);
                    configure(server.http_builder(), self.keep_alive);
                    self.tasks.spawn(server.serve(each));
                }
            }
        }
        Ok(())
    }
}

type Builder = hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>;

/// A client that never finishes its headers does not hold a connection for ever.
fn configure(builder: &mut Builder, keep_alive: bool) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(30))
        .keep_alive(keep_alive);
    builder.http2().timer(TokioTimer::new());
}
