//! The app: what it writes on the server and takes over in the browser.
//!
//! It has what hydration stumbles over: texts that change, an attribute that
//! follows a signal, data that comes late, elements in the head, and trackers
//! in each place where the layer edits markup.

use leptos::prelude::*;
use leptos_meta::{Meta, Title};
#[cfg(feature = "ssr")]
use leptos_meta::{MetaTags, provide_meta_context};

/// The whole document, which the server writes.
#[cfg(feature = "ssr")]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    provide_meta_context();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <script src="https://t.tracker.test/say/head.js"></script>
                <HydrationScripts options=options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// What the server alone knows. The browser would have to ask for it.
#[server(prefix = "/api", endpoint = "goods")]
pub async fn goods() -> Result<Vec<String>, ServerFnError> {
    // The first look finds nothing yet, so the page is sent in parts.
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    Ok(["coat", "hat"].map(str::to_owned).to_vec())
}

#[component]
pub fn App() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    leptos_meta::provide_meta_context();
    let (count, set_count) = signal(0);
    let found = Resource::new(|| (), |()| goods());
    // Effects run in the browser alone, once the app has taken over.
    Effect::new(|| {
        let _ = document()
            .document_element()
            .unwrap()
            .set_attribute("data-hydrated", "");
    });
    view! {
        <Title text=move || format!("Pressed {}", count.get()) />
        <Meta name="description" content="An app" />
        <main>
            <h1>"Pressed " {count} " times"</h1>
            <button on:click=move |_| set_count.update(|count| *count += 1)>"Press"</button>
            <img src="https://t.tracker.test/pixel.svg" alt="" />
            <img id="counted" src=move || format!("https://t.tracker.test/count{}.svg", count.get()) alt="" />
            <Suspense fallback=|| view! { <p>"Loading"</p> }>
                <ul>
                    {move || Suspend::new(async move {
                        let goods = found.await.unwrap_or_default();
                        goods
                            .into_iter()
                            .map(|name| view! { <li>{name}<img src="https://t.market.test/good.svg" alt="" /></li> })
                            .collect_view()
                    })}
                </ul>
            </Suspense>
            <iframe src="https://t.tracker.test/frame.html" title="Frame"></iframe>
            <p>{move || if count.get() % 2 == 0 { "even" } else { "odd" }}</p>
        </main>
    }
}

#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(App);
}
