//! A real nginx, configured as an operator would.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::certificate::Certificate;
use crate::child::{Ready, ServerProcess};
use crate::error::StartError;
use crate::installed::{Installed, Program};

/// How an nginx in front of a chat is configured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NginxSite {
    /// What every path begins with: empty, or `/chat`.
    pub(crate) prefix: &'static str,
    /// The socket's path, without the prefix.
    pub(crate) socket_path: &'static str,
    /// It passes the `Upgrade` and `Connection` headers on.
    pub(crate) upgrade: bool,
    /// Whom it asks for the socket's path.
    pub(crate) socket: Behind,
    /// Whom it asks for everything else.
    pub(crate) rest: Behind,
    /// How many seconds it waits for an answer.
    pub(crate) read_timeout: u32,
    /// The chat's page is a file of its own, else it comes from the server.
    pub(crate) serves_chat_page: bool,
    /// It has the block of www/server-help.
    pub(crate) helps: bool,
}

impl NginxSite {
    /// As the README tells an operator to set it up.
    pub(crate) const DOCUMENTED: Self = Self {
        prefix: "",
        socket_path: "/socket.io/",
        upgrade: true,
        socket: Behind::Server,
        rest: Behind::Server,
        read_timeout: 60,
        serves_chat_page: true,
        helps: false,
    };
}

/// Whom nginx asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Behind {
    Server,
    /// A port that nobody listens on.
    Closed,
    /// A server that accepts and never answers.
    Silent,
}

/// What a configuration is written from.
#[derive(Debug)]
pub(crate) struct NginxSetup<'a> {
    pub(crate) site: NginxSite,
    pub(crate) listen: SocketAddr,
    pub(crate) server: SocketAddr,
    pub(crate) closed: SocketAddr,
    pub(crate) silent: SocketAddr,
    /// The built folder; where it is absent, everything is asked of the server.
    pub(crate) page: Option<&'a Path>,
    /// With it, nginx speaks TLS and HTTP/2.
    pub(crate) certificate: Option<&'a Certificate>,
}

impl NginxSetup<'_> {
    /// Starts nginx in the folder, which already holds the page's configuration and the chat's page.
    pub(crate) async fn start(&self, name: &str, folder: &Path, installed: &Installed) -> Result<ServerProcess, StartError> {
        start(&format!("{name}.nginx"), &self.configuration(folder), folder, self.listen, installed).await
    }

    fn configuration(&self, folder: &Path) -> String {
        let NginxSite { prefix, socket_path, .. } = self.site;
        let mut text = beginning(folder);
        let folder = folder.display();
        let (maps, location) = if self.site.helps { server_help() } else { ("", "") };
        text += maps;
        let (tls, http2) = if self.certificate.is_some() { (" ssl", " http2") } else { ("", "") };
        text += &format!("    server {{\n        listen {}{tls}{http2};\n", self.listen);
        if let Some(Certificate { certificate, key }) = self.certificate {
            text += &format!("        ssl_certificate {};\n        ssl_certificate_key {};\n", certificate.display(), key.display());
        }
        text += "        location = /favicon.ico { return 204; }\n";
        text += location;
        if let Some(page) = self.page {
            text += &format!(
                "        location = {prefix}/diagnostics/connection-doctor.json {{\n            \
                 alias {folder}/connection-doctor.json;\n            add_header Cache-Control no-store;\n        }}\n        \
                 location {prefix}/diagnostics/ {{\n            alias {}/;\n            add_header Cache-Control no-store;\n        }}\n",
                page.display(),
            );
        }
        if self.site.serves_chat_page {
            text += &format!("        location = {prefix}/ {{\n            root {folder};\n            try_files /chat.html =404;\n        }}\n");
        }
        self.location(&mut text, &format!("{prefix}{socket_path}"), socket_path, self.site.socket);
        self.location(&mut text, &format!("{prefix}/"), "/", self.site.rest);
        text + "    }\n}\n"
    }

    /// A location that asks somebody behind; the prefix is nginx's own and is not passed on.
    fn location(&self, text: &mut String, path: &str, behind_path: &str, behind: Behind) {
        let address = match behind {
            Behind::Server => self.server,
            Behind::Closed => self.closed,
            Behind::Silent => self.silent,
        };
        let rewritten = if self.site.prefix.is_empty() { "" } else { behind_path };
        *text += &format!("        location {path} {{\n            proxy_pass http://{address}{rewritten};\n");
        *text += "            proxy_http_version 1.1;\n            proxy_set_header Host $http_host;\n";
        *text += "            proxy_set_header X-Forwarded-Proto $scheme;\n";
        if self.site.upgrade {
            *text += "            proxy_set_header Upgrade $http_upgrade;\n            proxy_set_header Connection $connection_upgrade;\n";
        }
        *text += &format!("            proxy_read_timeout {}s;\n        }}\n", self.site.read_timeout);
    }
}

/// Starts nginx with this configuration in the folder.
pub(crate) async fn start(name: &str, configuration: &str, folder: &Path, listen: SocketAddr, installed: &Installed) -> Result<ServerProcess, StartError> {
    let file = folder.join("nginx.conf");
    std::fs::write(&file, configuration).map_err(StartError::io("to write nginx's configuration"))?;
    let mut command = Command::new(installed.path(Program::Nginx)?);
    command.arg("-e").arg("stderr").arg("-p").arg(folder).arg("-c").arg(&file);
    let mut process = ServerProcess::start(name, &mut command, installed)?;
    process.ready(listen, Ready::Accepts).await?;
    Ok(process)
}

/// What every configuration begins with, up to what is within `http`.
pub(crate) fn beginning(folder: &Path) -> String {
    let mut text = format!("{HEAD}\n");
    for temporary in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        let _infallible = writeln!(text, "    {temporary}_temp_path {}/{temporary};", folder.display());
    }
    text
}

/// The documented block, as its comments say where its two parts go.
fn server_help() -> (&'static str, &'static str) {
    const RECIPE: &str = include_str!("../../../www/server-help/nginx.conf");
    RECIPE.split_at(RECIPE.find("# 2.").unwrap_or(RECIPE.len()))
}

/// In the foreground and in one process, so that it is ended by its own process id and runs as whoever started it.
const HEAD: &str = "\
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 512; }
http {
    access_log off;
    default_type application/octet-stream;
    types {
        text/html html;
        text/css css;
        text/javascript js mjs;
        application/json json;
        application/wasm wasm;
        image/svg+xml svg;
    }
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }";
