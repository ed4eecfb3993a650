//! The real servers behind a scenario.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::Router;
use axum::routing::get;
use engineioxide::config::EngineIoConfig;
use engineioxide::handler::EngineIoHandler;
use engineioxide::layer::EngineIoLayer;
use engineioxide::{DisconnectReason, Socket, Str};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_tungstenite::tungstenite::handshake::server::{Callback, ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tonic::service::RoutesBuilder;
use tonic_health::ServingStatus;
use tonic_web::GrpcWebLayer;
use tower_layer::Layer as _;

use crate::addresses::Addresses;
use crate::certificate::Certificate;
use crate::child::{Ready, ServerProcess};
use crate::error::StartError;
use crate::installed::{Installed, Program, servers};
use crate::page::{BuiltPage, CONFIGURATION_FILE};
use crate::signed;

/// A real server. Arguments may name addresses of the scenario in braces.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Server {
    /// The front does it all.
    Nothing,
    /// engineioxide, in this process, at this path.
    EngineIoXide(&'static str),
    /// A raw WebSocket that echoes, in this process.
    RawEcho,
    /// The same, which refuses a handshake that does not offer this subprotocol.
    RawSubprotocol(&'static str),
    /// python-socketio on uvicorn.
    Python(&'static [&'static str]),
    /// python-socketio on WSGI threads, WebSocket off.
    PythonWsgi,
    /// python-socketio of before Engine.IO 4.
    PythonEngineIo3,
    /// python-engineio on hypercorn: TLS, HTTP/2, and the page's own files.
    PythonHttp2,
    /// Node's socket.io.
    Node(&'static [&'static str]),
    /// engineioxide and a gRPC-web service of health, in this process.
    Grpc(Health),
    /// What speaks as LiveKit does.
    LiveKit(&'static [&'static str]),
    /// Chainlit, where people sign in or not.
    Chainlit { sign_in: bool, page: ChainlitPage },
}

/// What Chainlit has of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChainlitPage {
    Elsewhere,
    /// It is in its `public` folder.
    InPublic,
    /// It is there, and the chat's own page loads it, by `custom_js`.
    InChat,
}

/// What a service of health says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    Serving,
    NotServing,
    /// There is no such service.
    Unimplemented,
}

/// A server at work; it ends when dropped.
#[derive(Debug)]
pub(crate) struct RunningServer {
    pub(crate) address: SocketAddr,
    _kept: Kept,
}

#[derive(Debug)]
enum Kept {
    Process { _process: ServerProcess },
    Task(JoinHandle<()>),
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Self::Task(task) = self {
            task.abort();
        }
    }
}

/// What a server is started with.
#[derive(Clone, Debug)]
pub(crate) struct ServerSetup {
    /// The scenario's name, for the log.
    pub(crate) name: String,
    /// The port, where it has to be a certain one.
    pub(crate) port: Option<u16>,
    /// A folder for the server's own files.
    pub(crate) folder: PathBuf,
    pub(crate) page: BuiltPage,
    /// The text of the page's configuration file.
    pub(crate) configuration: String,
    pub(crate) addresses: Addresses,
    pub(crate) certificate: Option<Certificate>,
    pub(crate) installed: Installed,
}

impl Server {
    /// What must be installed for it.
    pub(crate) fn programs(self) -> &'static [Program] {
        match self {
            Self::Nothing | Self::EngineIoXide(_) | Self::RawEcho | Self::RawSubprotocol(_) | Self::Grpc(_) => &[],
            Self::Python(_) | Self::PythonWsgi | Self::LiveKit(_) => &[Program::Python],
            Self::PythonEngineIo3 => &[Program::PythonEngineIo3],
            Self::PythonHttp2 => &[Program::Python, Program::Openssl],
            Self::Node(_) => &[Program::Node],
            Self::Chainlit { .. } => &[Program::Chainlit],
        }
    }

    /// Starts it and waits until it answers.
    pub(crate) async fn start(self, setup: &ServerSetup) -> Result<Option<RunningServer>, StartError> {
        let installed = &setup.installed;
        match self {
            Self::Nothing => Ok(None),
            Self::EngineIoXide(path) => engineioxide(path).await.map(Some),
            Self::RawEcho => raw_echo(Wanted(None)).await.map(Some),
            Self::RawSubprotocol(name) => raw_echo(Wanted(Some(name))).await.map(Some),
            Self::Grpc(health) => grpc(health).await.map(Some),
            Self::Python(args) => setup.python(Program::Python, "chat.py", args).await.map(Some),
            Self::PythonEngineIo3 => setup.python(Program::PythonEngineIo3, "chat.py", &[]).await.map(Some),
            Self::PythonWsgi => setup.python(Program::Python, "chat_wsgi.py", &[]).await.map(Some),
            Self::PythonHttp2 => setup.python_http2().await.map(Some),
            Self::LiveKit(args) => setup.livekit(args).await.map(Some),
            Self::Node(args) => {
                let mut command = Command::new(installed.path(Program::Node)?);
                command.arg(servers().join("node/chat.js"));
                setup.process(command, args).await.map(Some)
            }
            Self::Chainlit { sign_in, page } => setup.chainlit(sign_in, page).await.map(Some),
        }
    }
}

impl ServerSetup {
    async fn python(&self, environment: Program, script: &str, args: &[&str]) -> Result<RunningServer, StartError> {
        let mut command = Command::new(self.installed.path(environment)?);
        command.arg("-u").arg(servers().join("python").join(script));
        self.process(command, args).await
    }

    async fn livekit(&self, args: &[&str]) -> Result<RunningServer, StartError> {
        let mut command = Command::new(self.installed.path(Program::Python)?);
        command.arg("-u").arg(servers().join("python/livekit_stand_in.py")).args(["--key", signed::KEY, "--secret", signed::SECRET]);
        command.args(args.iter().map(|argument| self.addresses.fill(argument)));
        self.started(command, Ready::Answers("/")).await
    }

    async fn python_http2(&self) -> Result<RunningServer, StartError> {
        let certificate = self.certificate.as_ref().ok_or(StartError::NotInstalled(Program::Openssl))?;
        let mut command = Command::new(self.installed.path(Program::Python)?);
        command.arg("-u").arg(servers().join("python/chat_h2.py"));
        command.arg("--dist").arg(self.page.folder()).arg("--config").arg(&self.configuration);
        command.arg("--certificate").arg(&certificate.certificate).arg("--key").arg(&certificate.key);
        self.started(command, Ready::Accepts).await
    }

    async fn process(&self, mut command: Command, args: &[&str]) -> Result<RunningServer, StartError> {
        command.args(args.iter().map(|argument| self.addresses.fill(argument)));
        self.started(command, Ready::Answers("/health")).await
    }

    async fn chainlit(&self, sign_in: bool, page: ChainlitPage) -> Result<RunningServer, StartError> {
        let root = self.folder.join("chainlit");
        std::fs::create_dir_all(&root).map_err(StartError::io("to make Chainlit's folder"))?;
        let app = root.join("app.py");
        std::fs::copy(servers().join("chainlit/app.py"), &app).map_err(StartError::io("to copy Chainlit's app"))?;
        if page != ChainlitPage::Elsewhere {
            let folder = root.join("public/diagnostics");
            copy_folder(self.page.folder(), &folder).map_err(StartError::io("to copy the page into Chainlit's public folder"))?;
            let file = folder.join(CONFIGURATION_FILE);
            std::fs::write(file, &self.configuration).map_err(StartError::io("to write the page's configuration"))?;
        }
        if page == ChainlitPage::InChat {
            let settings = root.join(".chainlit");
            std::fs::create_dir_all(&settings).map_err(StartError::io("to make the folder of Chainlit's settings"))?;
            std::fs::copy(servers().join("chainlit/config.toml"), settings.join("config.toml")).map_err(StartError::io("to copy Chainlit's settings"))?;
        }
        let mut command = Command::new(self.installed.path(Program::Chainlit)?);
        command.arg("run").arg(&app).args(["--headless", "--host", "127.0.0.1"]).current_dir(&root);
        command.env("CHAINLIT_APP_ROOT", &root).env("PYTHONUNBUFFERED", "1");
        if sign_in {
            command.env("CHAINLIT_AUTH_SECRET", "a secret of the lab that signs nothing of worth");
        }
        self.started(command, Ready::Answers("/health")).await
    }

    async fn started(&self, mut command: Command, ready: Ready) -> Result<RunningServer, StartError> {
        let port = self.port.map_or_else(free_port, Ok)?;
        command.arg("--port").arg(port.to_string());
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut process = ServerProcess::start(&self.name, &mut command, &self.installed)?;
        process.ready(address, ready).await?;
        Ok(RunningServer { address, _kept: Kept::Process { _process: process } })
    }
}

/// Ports for servers that cannot take one by themselves and say which: below those that the kernel gives out, so that
/// nobody is given one between this and the server's start.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
static PORTS_TRIED: AtomicU16 = AtomicU16::new(0);

/// A port that nobody listens on, and that this process gives out once.
pub fn free_port() -> Result<u16, StartError> {
    let count = PORTS.end - PORTS.start;
    // Two labs at one time begin at different places.
    let beginning = u16::try_from(std::process::id() % u32::from(count)).unwrap_or(0);
    for _ in 0..count {
        let offset = u32::from(beginning) + u32::from(PORTS_TRIED.fetch_add(1, Ordering::Relaxed));
        let port = PORTS.start + u16::try_from(offset % u32::from(count)).unwrap_or(0);
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(StartError::io("to find a free port")(std::io::ErrorKind::AddrInUse.into()))
}

/// A listener on a free port of loopback.
pub(crate) async fn listen() -> Result<(TcpListener, SocketAddr), StartError> {
    let doing = || StartError::io("to listen on loopback");
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(doing())?;
    let address = listener.local_addr().map_err(doing())?;
    Ok((listener, address))
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A handler that has nothing to say: the doctor asks no more than the open packet of it.
#[derive(Clone, Debug)]
struct Quiet;

impl EngineIoHandler for Quiet {
    type Data = ();

    fn on_connect(self: Arc<Self>, _socket: Arc<Socket<()>>) {}
    fn on_disconnect(&self, _socket: Arc<Socket<()>>, _reason: DisconnectReason) {}
    fn on_message(self: &Arc<Self>, _message: Str, _socket: Arc<Socket<()>>) {}
    fn on_binary(self: &Arc<Self>, _message: axum::body::Bytes, _socket: Arc<Socket<()>>) {}
}

async fn engineioxide(path: &'static str) -> Result<RunningServer, StartError> {
    let config = EngineIoConfig::builder().req_path(path).build();
    let health = || async { ([("Content-Type", "application/json")], r#"{"status":"ok"}"#) };
    let app = Router::<()>::new().route("/health", get(health)).layer(EngineIoLayer::from_config(Arc::new(Quiet), config));
    let (listener, address) = listen().await?;
    let task = tokio::spawn(async move {
        // It serves until the task is aborted; axum gives no error before.
        let _never = axum::serve(listener, app).await;
    });
    Ok(RunningServer { address, _kept: Kept::Task(task) })
}

/// The handshake of a chat, and beside it a service that gRPC-web reaches on HTTP/1.1.
async fn grpc(health: Health) -> Result<RunningServer, StartError> {
    let (reporter, service) = tonic_health::server::health_reporter();
    if health == Health::NotServing {
        reporter.set_service_status("", ServingStatus::NotServing).await;
    }
    let mut services = RoutesBuilder::default();
    if health != Health::Unimplemented {
        services.add_service(service);
    }
    let config = EngineIoConfig::builder().req_path("/socket.io").build();
    let app = Router::<()>::new()
        .route("/health", get(|| async { ([("Content-Type", "application/json")], r#"{"status":"ok"}"#) }))
        .fallback_service(GrpcWebLayer::new().layer(services.routes()))
        .layer(EngineIoLayer::from_config(Arc::new(Quiet), config));
    let (listener, address) = listen().await?;
    let task = tokio::spawn(async move {
        // It serves until the task is aborted; axum gives no error before.
        let _never = axum::serve(listener, app).await;
    });
    Ok(RunningServer { address, _kept: Kept::Task(task) })
}

/// The subprotocol that a handshake has to offer, if any.
#[derive(Clone, Copy, Debug)]
struct Wanted(Option<&'static str>);

impl Callback for Wanted {
    fn on_request(self, request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
        let Some(name) = self.0 else { return Ok(response) };
        let offers = request.headers().get_all("sec-websocket-protocol").iter().filter_map(|value| value.to_str().ok());
        if !offers.flat_map(|value| value.split(',')).any(|offered| offered.trim() == name) {
            let mut refusal = ErrorResponse::new(Some("Subprotocol required\n".to_owned()));
            *refusal.status_mut() = StatusCode::BAD_REQUEST;
            return Err(refusal);
        }
        // A browser that offered some fails the connection where none is chosen.
        response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(name));
        Ok(response)
    }
}

async fn raw_echo(wanted: Wanted) -> Result<RunningServer, StartError> {
    let (listener, address) = listen().await?;
    let task = tokio::spawn(async move {
        let mut sockets = JoinSet::new();
        loop {
            tokio::select! {
                Ok((client, _)) = listener.accept() => { sockets.spawn(echo(client, wanted)); }
                Some(_ended) = sockets.join_next() => {}
            }
        }
    });
    Ok(RunningServer { address, _kept: Kept::Task(task) })
}

async fn echo(client: TcpStream, wanted: Wanted) {
    let Ok(mut socket) = tokio_tungstenite::accept_hdr_async(client, wanted).await else {
        return;
    };
    while let Some(Ok(message)) = socket.next().await {
        if (message.is_text() || message.is_binary()) && socket.send(message).await.is_err() {
            return;
        }
    }
}
