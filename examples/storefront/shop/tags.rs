//! What do the third parties ask a shop to paste into its pages?
//!
//! Plain snippets, as vendors hand them out. The shop puts them into every
//! page for every visitor; what may act is the layer's business.

use super::Shop;
use super::partners::Partner;

/// What goes into the head of every page.
pub(crate) fn head(shop: &Shop) -> String {
    let [stats, ads, _] = &shop.partners.0;
    format!(
        r#"
<link rel="preconnect" href="{stats}">
<script async src="{stats}/tag.js?id=S-1"></script>
<script>
  window.statsLayer = window.statsLayer || [];
  function stats() {{ statsLayer.push(arguments); }}
  stats('config', 'S-1');
</script>
<script>
  !function (w, d, u) {{
    if (w.ads) return;
    var n = w.ads = function () {{ n.queue.push(arguments); }};
    n.queue = [];
    var t = d.createElement('script');
    t.async = true;
    t.src = u;
    var s = d.getElementsByTagName('script')[0];
    s.parentNode.insertBefore(t, s);
  }}(window, document, '{ads}/pixel.js');
  ads('init', '4242');
  ads('track', 'PageView');
</script>
<noscript><img height="1" width="1" alt="" src="{ads}/tr?id=4242&amp;event=PageView&amp;noscript=1"></noscript>"#,
        stats = stats.url,
        ads = ads.url,
    )
}

/// What goes to the end of every page: a pixel, and a script of the shop's
/// own that says by itself what it needs.
pub(crate) fn foot(shop: &Shop) -> String {
    let [stats, ..] = &shop.partners.0;
    format!(
        r#"
<img class="pixel" width="1" height="1" alt="" src="{}/hit.gif?event=pixel">
<script data-consent="analytics">
  navigator.sendBeacon('/collect', 'engaged ' + location.pathname);
</script>"#,
        stats.url
    )
}

/// The player on a product page, as a video service hands it out.
pub(crate) fn video(partner: &Partner, good: u32) -> String {
    format!(
        r#"<div class="video">
<iframe title="How it is made" src="{}/embed/{good}"></iframe>
</div>"#,
        partner.url
    )
}

/// The tags of Google Analytics and of the Meta Pixel, as both hand them out.
pub(crate) const REAL: &str = r#"
<script async src="https://www.googletagmanager.com/gtag/js?id=G-TEST000001"></script>
<script>
  window.dataLayer = window.dataLayer || [];
  function gtag(){dataLayer.push(arguments);}
  gtag('js', new Date());
  gtag('config', 'G-TEST000001');
</script>
<script>
  !function(f,b,e,v,n,t,s){if(f.fbq)return;n=f.fbq=function(){n.callMethod?
  n.callMethod.apply(n,arguments):n.queue.push(arguments)};if(!f._fbq)f._fbq=n;
  n.push=n;n.loaded=!0;n.version='2.0';n.queue=[];t=b.createElement(e);t.async=!0;
  t.src=v;s=b.getElementsByTagName(e)[0];s.parentNode.insertBefore(t,s)}(window,
  document,'script','https://connect.facebook.net/en_US/fbevents.js');
  fbq('init', '000000000000000');
  fbq('track', 'PageView');
</script>
<noscript><img height="1" width="1" style="display:none" src="https://www.facebook.com/tr?id=000000000000000&amp;ev=PageView&amp;noscript=1"></noscript>"#;
