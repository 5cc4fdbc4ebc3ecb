//! Serves the app as Leptos's own servers do: `leptos-server app.wasm`.
//!
//! Writes its port on the first line and ends when its input does.

use std::io::{Read, Write};
use std::net::Ipv4Addr;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use leptos_axum::{
    handle_server_fns, render_app_async, render_app_to_stream, render_app_to_stream_in_order,
};
use tokio::net::TcpListener;
use tower_consent_leptos::shell;
use wasm_bindgen_cli_support::Bindgen;

#[tokio::main]
async fn main() {
    any_spawner::Executor::init_tokio().expect("nothing else drives Leptos");
    let wasm = std::env::args().nth(1).expect("the app's file");
    let mut output = Bindgen::new()
        .input_path(wasm)
        .out_name("app")
        .web(true)
        .expect("a module for browsers")
        .typescript(false)
        .generate_output()
        .expect("the app loads");
    let script = output.js().to_owned();
    let wasm = output.wasm_mut().emit_wasm();
    let options = LeptosOptions::builder().output_name("app").build();
    let page = move || shell(options.clone());
    let router = Router::new()
        .route("/late", get(render_app_to_stream(page.clone())))
        .route(
            "/in-order",
            get(render_app_to_stream_in_order(page.clone())),
        )
        .route("/at-once", get(render_app_async(page)))
        .route("/api/{*name}", post(handle_server_fns))
        .route(
            "/pkg/app.js",
            get(async || ([(CONTENT_TYPE, "text/javascript")], script)),
        )
        .route(
            "/pkg/app_bg.wasm",
            get(async || ([(CONTENT_TYPE, "application/wasm")], wasm)),
        );
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port");
    let port = listener.local_addr().expect("a port").port();
    writeln!(std::io::stdout(), "{port}").expect("somebody to tell");
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    axum::serve(listener, router).await.expect("a server");
}
