//! Takes pictures of the storefront, for the eye:
//! `tests/pictures.sh` writes them to `target/screenshots`.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::driver::{Scripts, until};
use crate::stage::Stage;

#[tokio::test]
#[ignore = "writes pictures and proves nothing"]
async fn screenshots() {
    let Some(stage) = Stage::open(Scripts::On).await else {
        return;
    };
    for (name, dark, width) in [
        ("light", false, 1320),
        ("dark", true, 1320),
        ("narrow", false, 400),
    ] {
        stage
            .browser
            .client
            .set_window_size(width, 1000)
            .await
            .unwrap();
        let scheme = if dark { "dark" } else { "light" };
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        stage
            .browser
            .devtools("Emulation.setEmulatedMedia", feature)
            .await;
        let bars = json!({ "hidden": true });
        stage
            .browser
            .devtools("Emulation.setScrollbarsHidden", bars)
            .await;
        stage.browser.client.delete_all_cookies().await.unwrap();

        stage.goto("/").await;
        take(&stage, name, "1-asks").await;
        stage.browser.click("[data-tc-banner] .tc-choose").await;
        until("the dialog is there", async || {
            stage.browser.shows(".tc-dialog").await
        })
        .await;
        take(&stage, name, "2-dialog").await;
        stage.browser.click(".tc-close").await;
        stage.accept().await;
        until("the panel shows it", async || {
            stage.text("[data-count=shop-stats]").await != "0"
        })
        .await;
        take(&stage, name, "3-accepted").await;
        stage.goto("/product/5").await;
        take(&stage, name, "4-product").await;
        stage.goto("/_consent").await;
        take(&stage, name, "5-preferences").await;
        stage.goto("/product/3").await;
        stage.withdraw().await;
        take(&stage, name, "6-withdrawn").await;
    }
}

async fn take(stage: &Stage, name: &str, what: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    fs::create_dir_all(&folder).unwrap();
    // Where it hovers over nothing.
    let away = json!({ "type": "mouseMoved", "x": 1, "y": 1 });
    stage
        .browser
        .devtools("Input.dispatchMouseEvent", away)
        .await;
    let picture = stage.browser.client.screenshot().await.unwrap();
    fs::write(folder.join(format!("{name}-{what}.png")), picture).unwrap();
}
