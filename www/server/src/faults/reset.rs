//! Connections that can be reset: closed at once and without a goodbye, as by a machine that is
//! gone. That is for the whole connection, while a service alone can only break off one answer.

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tower::Layer;

/// Resets the connection that a request came on; each request has it as an extension.
#[derive(Clone, Default)]
pub(crate) struct Reset(Arc<Asked>);

#[derive(Default)]
struct Asked {
    asked: AtomicBool,
    connection: AtomicWaker,
}

impl Reset {
    pub(crate) fn now(&self) {
        self.0.asked.store(true, Ordering::SeqCst);
        self.0.connection.wake();
    }

    /// An error for the connection's task, which drops the stream then.
    fn check(&self, context: &Context<'_>) -> io::Result<()> {
        self.0.connection.register(context.waker());
        if self.is_asked() {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }

    fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst)
    }
}

/// Makes connections that can be reset.
#[derive(Clone, Copy)]
pub(crate) struct Resettable;

impl<S> Accept<TcpStream, S> for Resettable {
    type Stream = Connection;
    type Service = AddExtension<S, Reset>;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let reset = Reset::default();
        let service = Extension(reset.clone()).layer(service);
        ready(Ok((Connection { stream, reset }, service)))
    }
}

/// The stream of such a connection.
pub(crate) struct Connection {
    stream: TcpStream,
    reset: Reset,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.reset.is_asked() {
            // Closing sends RST then, and not FIN.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.reset.check(context)?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.reset.check(context)?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.reset.check(context)?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.reset.check(context)?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
