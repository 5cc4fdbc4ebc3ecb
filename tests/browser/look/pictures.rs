//! Takes pictures of every shape, in languages that begin on the right or need no spaces, for the eye:
//! `tests/pictures.sh` writes them to `target/screenshots`.

use std::fs;
use std::path::Path;

use tower_consent::BannerShape;

use super::{DESKTOP, Screen, layer, open_dialog, page, pretend};
use crate::site::{Page, Site};

#[tokio::test]
#[ignore = "writes pictures and proves nothing"]
async fn pictures() {
    let pages: Vec<Page> = vec![
        ("/en", "", page("en", "", 9)),
        ("/de", "", page("de", "", 9)),
        ("/ar", "", page("ar", "", 9)),
        ("/ja", "", page("ja", "", 9)),
    ];
    let pages: &'static [Page] = pages.leak();
    let phone = Screen {
        width: 320,
        height: 640,
        ..DESKTOP
    };
    for shape in [BannerShape::Corner, BannerShape::Bar, BannerShape::Card] {
        let Some(site) = Site::open(layer().with_banner_shape(shape), pages).await else {
            return;
        };
        for (name, screen) in [
            ("wide", DESKTOP),
            (
                "dark",
                Screen {
                    dark: true,
                    ..DESKTOP
                },
            ),
            ("phone", phone),
        ] {
            for (path, _, _) in pages {
                pretend(&site.browser, screen).await;
                site.goto(path).await;
                let language = path.trim_start_matches('/');
                let kind = format!("{shape:?}").to_lowercase();
                take(&site, &format!("{kind}-{name}-{language}-1-banner")).await;
                if shape == BannerShape::Corner {
                    open_dialog(&site).await;
                    take(&site, &format!("{kind}-{name}-{language}-2-dialog")).await;
                    site.goto(&format!("/_consent?next=%2F&lang={language}"))
                        .await;
                    take(&site, &format!("{kind}-{name}-{language}-3-page")).await;
                }
            }
        }
    }
}

async fn take(site: &Site, name: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    fs::create_dir_all(&folder).unwrap();
    let picture = site.browser.client.screenshot().await.unwrap();
    fs::write(folder.join(format!("{name}.png")), picture).unwrap();
}
