//! Which vendors show something of theirs inside a page: a video, a map, a chat?
//!
//! Those that use the visit for advertising are in marketing, the others are functional.

use crate::category::Category;
use crate::policy::vendor::Vendor;

/// Embedded YouTube videos, `youtube-nocookie.com` included.
///
/// They are in marketing because Google uses what is watched for advertising.
///
/// Source: <https://support.google.com/youtube/answer/171780>
#[must_use]
pub fn youtube() -> Vendor {
    Vendor::new("youtube", Category::Marketing)
        .with_name("YouTube")
        .with_purpose("Plays videos from YouTube")
        .with_provider("Google Ireland Limited", "IE")
        .with_retention("up to 2 years")
        .with_policy_url("https://policies.google.com/privacy")
        .embed()
        .hosts([
            "youtube.com/embed/",
            "youtube.com/iframe_api",
            "youtube.com/live_chat",
            "youtube.com/player_api",
            "youtube-nocookie.com",
        ])
        .inline(["youtube.com/iframe_api", "youtube.com/player_api"])
}

/// Embedded Vimeo videos.
///
/// Source: <https://vimeo.com/cookie_policy>
#[must_use]
pub fn vimeo() -> Vendor {
    Vendor::new("vimeo", Category::Functional)
        .with_name("Vimeo")
        .with_purpose("Plays videos from Vimeo")
        .with_provider("Vimeo.com, Inc.", "US")
        .with_retention("up to 2 years")
        .with_policy_url("https://vimeo.com/privacy")
        .embed()
        .hosts(["player.vimeo.com"])
}

/// Embedded Dailymotion videos.
///
/// They are in marketing because the player shows ads.
///
/// Source: <https://legal.dailymotion.com/en/privacy-policy/>
#[must_use]
pub fn dailymotion() -> Vendor {
    Vendor::new("dailymotion", Category::Marketing)
        .with_name("Dailymotion")
        .with_purpose("Plays videos from Dailymotion, with advertising")
        .with_provider("Dailymotion SA", "FR")
        .with_retention("up to 13 months")
        .with_policy_url("https://legal.dailymotion.com/en/privacy-policy/")
        .embed()
        .hosts([
            "api.dmcdn.net",
            "geo.dailymotion.com",
            "www.dailymotion.com/embed/",
        ])
}

/// Embedded Twitch streams and chats.
///
/// They are in marketing because the player shows ads.
///
/// Source: <https://dev.twitch.tv/docs/embed/>
#[must_use]
pub fn twitch() -> Vendor {
    Vendor::new("twitch", Category::Marketing)
        .with_name("Twitch")
        .with_purpose("Plays streams from Twitch, with advertising")
        .with_provider("Twitch Interactive, Inc.", "US")
        .with_retention("up to 2 years")
        .with_policy_url("https://www.twitch.tv/p/en/legal/privacy-notice/")
        .embed()
        .hosts([
            "clips.twitch.tv/embed",
            "embed.twitch.tv",
            "player.twitch.tv",
            "www.twitch.tv/embed/",
        ])
}

/// Embedded Wistia videos, which also report who watched how far.
///
/// Source: <https://docs.wistia.com/docs/player-privacy-mode>
#[must_use]
pub fn wistia() -> Vendor {
    Vendor::new("wistia", Category::Functional)
        .with_name("Wistia")
        .with_purpose("Plays videos from Wistia")
        .with_provider("Wistia, Inc.", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://wistia.com/privacy")
        .embed()
        .hosts([
            "distillery.wistia.com",
            "embed.wistia.com",
            "fast.wistia.com",
            "fast.wistia.net",
            "pipedream.wistia.com",
        ])
}

/// Embedded Google Maps and the Maps JavaScript API.
///
/// Source: <https://developers.google.com/maps/documentation/embed/get-started>
#[must_use]
pub fn google_maps() -> Vendor {
    Vendor::new("google-maps", Category::Functional)
        .with_name("Google Maps")
        .with_purpose("Shows maps from Google")
        .with_provider("Google Ireland Limited", "IE")
        .with_retention("up to 2 years")
        .with_policy_url("https://policies.google.com/privacy")
        .embed()
        .hosts([
            "maps.google.com",
            "maps.googleapis.com",
            "www.google.com/maps",
        ])
        .inline(["apis.com/maps/api/js"])
}

/// The Google Translate element for websites.
///
/// Source: <https://policies.google.com/technologies/cookies>
#[must_use]
pub fn google_translate() -> Vendor {
    Vendor::new("google-translate", Category::Functional)
        .with_name("Google Translate")
        .with_purpose("Translates this site with Google")
        .with_provider("Google Ireland Limited", "IE")
        .with_retention("until the browser closes")
        .with_policy_url("https://policies.google.com/privacy")
        .cookies(["googtrans"])
        .hosts([
            "translate.google.com",
            "translate.googleapis.com",
            "translate-pa.googleapis.com",
        ])
        .inline(["translate.google.com/translate_a/"])
}

/// Google reCAPTCHA, which tells people from programs by watching the device.
///
/// A form that requires it cannot be sent until it is granted.
///
/// Source: <https://developers.google.com/recaptcha/docs/faq>
#[must_use]
pub fn google_recaptcha() -> Vendor {
    Vendor::new("google-recaptcha", Category::Functional)
        .with_name("Google reCAPTCHA")
        .with_purpose("Protects forms from programs by checking the device")
        .with_provider("Google Ireland Limited", "IE")
        .with_retention("up to 6 months")
        .with_policy_url("https://policies.google.com/privacy")
        .globals([
            "grecaptcha.ready",
            "grecaptcha.execute",
            "grecaptcha.render",
        ])
        .cookies(["_GRECAPTCHA"])
        .hosts(["recaptcha.net", "www.google.com/recaptcha/"])
        .inline(["google.com/recaptcha/", "recaptcha.net/recaptcha/"])
}

/// Embedded Spotify players.
///
/// Source: <https://www.spotify.com/legal/cookies-policy/>
#[must_use]
pub fn spotify() -> Vendor {
    Vendor::new("spotify", Category::Functional)
        .with_name("Spotify")
        .with_purpose("Plays music and podcasts from Spotify")
        .with_provider("Spotify AB", "SE")
        .with_retention("up to 1 year")
        .with_policy_url("https://www.spotify.com/legal/privacy-policy/")
        .embed()
        .hosts(["embed-standalone.spotify.com", "open.spotify.com/embed"])
}

/// Embedded SoundCloud players.
///
/// Source: <https://soundcloud.com/pages/cookies>
#[must_use]
pub fn soundcloud() -> Vendor {
    Vendor::new("soundcloud", Category::Functional)
        .with_name("SoundCloud")
        .with_purpose("Plays music from SoundCloud")
        .with_provider("SoundCloud Global Limited & Co. KG", "DE")
        .with_retention("up to 1 year")
        .with_policy_url("https://soundcloud.com/pages/privacy")
        .embed()
        .hosts([
            "api-widget.soundcloud.com",
            "w.soundcloud.com",
            "widget.sndcdn.com",
        ])
}

/// Embedded posts, timelines and buttons of X (Twitter).
///
/// They are in marketing because X uses the visit for advertising.
///
/// Source: <https://help.x.com/en/rules-and-policies/x-cookies>
#[must_use]
pub fn x_embed() -> Vendor {
    Vendor::new("x-embed", Category::Marketing)
        .with_name("X posts")
        .with_purpose("Shows posts from X")
        .with_provider("X Internet Unlimited Company", "IE")
        .with_retention("up to 2 years")
        .with_policy_url("https://x.com/en/privacy")
        .embed()
        .hosts([
            "platform.twitter.com",
            "platform.x.com",
            "syndication.twimg.com",
            "syndication.twitter.com",
        ])
        .inline([
            "platform.twitter.com/widgets.js",
            "platform.x.com/widgets.js",
        ])
}

/// Embedded posts, videos and buttons of Facebook as frames.
///
/// They are in marketing because Meta uses the visit for advertising.
///
/// Source: <https://developers.facebook.com/docs/plugins/>
#[must_use]
pub fn facebook_embed() -> Vendor {
    Vendor::new("facebook-embed", Category::Marketing)
        .with_name("Facebook plug-ins")
        .with_purpose("Shows posts and buttons from Facebook")
        .with_provider("Meta Platforms Ireland Limited", "IE")
        .with_retention("up to 2 years")
        .with_policy_url("https://www.facebook.com/privacy/policy/")
        .embed()
        .hosts(["www.facebook.com/plugins/"])
        .inline(["www.facebook.com/plugins/"])
}

/// Embedded posts of Instagram.
///
/// They are in marketing because Meta uses the visit for advertising.
///
/// Source: <https://developers.facebook.com/docs/instagram/oembed/>
#[must_use]
pub fn instagram_embed() -> Vendor {
    Vendor::new("instagram-embed", Category::Marketing)
        .with_name("Instagram posts")
        .with_purpose("Shows posts from Instagram")
        .with_provider("Meta Platforms Ireland Limited", "IE")
        .with_retention("up to 2 years")
        .with_policy_url("https://privacycenter.instagram.com/policy")
        .embed()
        .hosts([
            "platform.instagram.com",
            "www.instagram.com/embed.js",
            "www.instagram.com/p/",
            "www.instagram.com/reel/",
            "www.instagram.com/tv/",
        ])
        .inline(["instagram.com/embed.js"])
}

/// Embedded videos of TikTok.
///
/// They are in marketing because TikTok uses the visit for advertising.
///
/// Source: <https://developers.tiktok.com/doc/embed-videos/>
#[must_use]
pub fn tiktok_embed() -> Vendor {
    Vendor::new("tiktok-embed", Category::Marketing)
        .with_name("TikTok videos")
        .with_purpose("Plays videos from TikTok")
        .with_provider("TikTok Technology Limited", "IE")
        .with_retention("up to 13 months")
        .with_policy_url("https://www.tiktok.com/legal/page/eea/privacy-policy/en")
        .embed()
        .hosts(["www.tiktok.com/embed", "www.tiktok.com/player/"])
        .inline(["tiktok.com/embed.js"])
}

/// Embedded posts, badges and buttons of LinkedIn.
///
/// They are in marketing because LinkedIn uses the visit for advertising.
///
/// Source: <https://www.linkedin.com/legal/cookie-policy>
#[must_use]
pub fn linkedin_embed() -> Vendor {
    Vendor::new("linkedin-embed", Category::Marketing)
        .with_name("LinkedIn posts")
        .with_purpose("Shows posts and buttons from LinkedIn")
        .with_provider("LinkedIn Ireland Unlimited Company", "IE")
        .with_retention("up to 1 year")
        .with_policy_url("https://www.linkedin.com/legal/privacy-policy")
        .embed()
        .hosts(["platform.linkedin.com", "www.linkedin.com/embed/"])
        .inline(["platform.linkedin.com/in.js"])
}

/// Embedded pins, boards and buttons of Pinterest.
///
/// They are in marketing because Pinterest uses the visit for advertising.
///
/// Source: <https://developers.pinterest.com/docs/web-features/widgets/>
#[must_use]
pub fn pinterest_embed() -> Vendor {
    Vendor::new("pinterest-embed", Category::Marketing)
        .with_name("Pinterest pins")
        .with_purpose("Shows pins and buttons from Pinterest")
        .with_provider("Pinterest Europe Limited", "IE")
        .with_retention("up to 1 year")
        .with_policy_url("https://policy.pinterest.com/en/privacy-policy")
        .embed()
        .hosts([
            "assets.pinterest.com",
            "log.pinterest.com",
            "widgets.pinterest.com",
        ])
        .inline(["assets.pinterest.com/js/pinit"])
}

/// Disqus comments.
///
/// They are in marketing because Disqus uses the visit for advertising.
///
/// Source: <https://help.disqus.com/en/articles/1717155-use-of-cookies>
#[must_use]
pub fn disqus() -> Vendor {
    Vendor::new("disqus", Category::Marketing)
        .with_name("Disqus")
        .with_purpose("Shows comments on a page and lets visitors write them")
        .with_provider("Disqus, Inc.", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://help.disqus.com/en/articles/1717103-disqus-privacy-policy")
        .embed()
        .hosts(["disqus.com", "disquscdn.com"])
        .inline(["disqus.com/count.js", "disqus.com/embed.js"])
}

/// Trustpilot's review boxes and review invitations.
///
/// Source: <https://legal.trustpilot.com/for-reviewers/end-user-privacy-terms>
#[must_use]
pub fn trustpilot() -> Vendor {
    Vendor::new("trustpilot", Category::Functional)
        .with_name("Trustpilot")
        .with_purpose("Shows reviews from Trustpilot")
        .with_provider("Trustpilot A/S", "DK")
        .with_retention("up to 1 year")
        .with_policy_url("https://legal.trustpilot.com/for-reviewers/end-user-privacy-terms")
        .globals(["Trustpilot.loadFromElement"])
        .embed()
        .hosts(["invitejs.trustpilot.com", "widget.trustpilot.com"])
        .inline(["invitejs.trustpilot.com/tp.min.js"])
}

/// Embedded Calendly booking pages.
///
/// Source: <https://calendly.com/legal/privacy-notice>
#[must_use]
pub fn calendly() -> Vendor {
    Vendor::new("calendly", Category::Functional)
        .with_name("Calendly")
        .with_purpose("Lets visitors book an appointment")
        .with_provider("Calendly, LLC", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://calendly.com/legal/privacy-notice")
        .globals(["Calendly.initPopupWidget", "Calendly.initInlineWidget"])
        .embed()
        .hosts(["calendly.com"])
        .inline(["assets.calendly.com/assets/external/"])
}

/// The Intercom Messenger.
///
/// Source: <https://www.intercom.com/help/en/articles/2361922-intercom-messenger-cookies>
#[must_use]
pub fn intercom() -> Vendor {
    Vendor::new("intercom", Category::Functional)
        .with_name("Intercom")
        .with_purpose("Lets visitors chat with this site and recognises them later")
        .with_provider("Intercom R&D Unlimited Company", "IE")
        .with_retention("up to 9 months")
        .with_policy_url("https://www.intercom.com/legal/privacy")
        .globals(["Intercom"])
        .cookies([
            "intercom-device-id-*",
            "intercom-id-*",
            "intercom-session-*",
        ])
        .hosts(["intercom.io", "js.intercomcdn.com"])
        .inline(["widget.intercom.io/widget/"])
}

/// The Zendesk web widget and Zendesk Chat.
///
/// Source: <https://support.zendesk.com/hc/en-us/articles/4408824378650-Zendesk-In-Product-Cookie-Policy>
#[must_use]
pub fn zendesk() -> Vendor {
    Vendor::new("zendesk", Category::Functional)
        .with_name("Zendesk")
        .with_purpose("Lets visitors chat with this site and recognises them later")
        .with_provider("Zendesk, Inc.", "US")
        .with_retention("up to 1 year")
        .with_policy_url("https://www.zendesk.com/company/agreements-and-terms/privacy-notice/")
        .storage(["ZD-*"])
        .globals(["zE"])
        .cookies(["__zlcmid"])
        .hosts(["ekr.zdassets.com", "static.zdassets.com/ekr/", "zopim.com"])
        .inline(["static.zdassets.com/ekr/", "v2.zopim.com/"])
}

/// The Crisp chat box.
///
/// Source: <https://help.crisp.chat/en/article/crisp-chatbox-cookie-ip-policy-1147xor/>
#[must_use]
pub fn crisp() -> Vendor {
    Vendor::new("crisp", Category::Functional)
        .with_name("Crisp")
        .with_purpose("Lets visitors chat with this site and recognises them later")
        .with_provider("Crisp IM SAS", "FR")
        .with_retention("up to 6 months")
        .with_policy_url("https://crisp.chat/en/privacy/")
        .storage(["crisp-client/*"])
        .globals(["$crisp[]"])
        .cookies(["crisp-client*"])
        .hosts(["client.crisp.chat", "client.relay.crisp.chat"])
        .inline(["client.crisp.chat/l.js"])
}

/// The tawk.to chat widget.
///
/// Source: <https://help.tawk.to/article/what-are-tawkto-cookies-and-what-do-they-do>
#[must_use]
pub fn tawk() -> Vendor {
    Vendor::new("tawk", Category::Functional)
        .with_name("tawk.to")
        .with_purpose("Lets visitors chat with this site and recognises them later")
        .with_provider("tawk.to inc.", "US")
        .with_retention("up to 6 months")
        .with_policy_url("https://www.tawk.to/privacy-policy/")
        .storage(["twk_*"])
        .cookies([
            "TawkConnectionTime",
            "tawk_uuid_*",
            "twk_idm_key",
            "twk_uuid_*",
        ])
        .hosts(["tawk.to"])
        .inline(["embed.tawk.to/"])
}

/// The LiveChat widget.
///
/// Source: <https://www.livechat.com/help/improving-your-cookie-banner-a-guide-for-livechat/>
#[must_use]
pub fn livechat() -> Vendor {
    Vendor::new("livechat", Category::Functional)
        .with_name("LiveChat")
        .with_purpose("Lets visitors chat with this site and recognises them later")
        .with_provider("Text, Inc.", "US")
        .with_retention("up to 2 years")
        .with_policy_url("https://www.livechat.com/legal/privacy-policy/")
        .globals(["LiveChatWidget.on", "LiveChatWidget.call"])
        .cookies(["__lc2_cid", "__lc2_cst", "__lc_cid", "__lc_cst"])
        .hosts(["livechatinc.com"])
        .inline(["cdn.livechatinc.com/"])
}

/// The Tidio chat widget.
///
/// It keeps what it knows in local storage.
///
/// Source: <https://www.tidio.com/privacy-policy/>
#[must_use]
pub fn tidio() -> Vendor {
    Vendor::new("tidio", Category::Functional)
        .with_name("Tidio")
        .with_purpose("Lets visitors chat with this site and recognises them later")
        .with_provider("Tidio LLC", "US")
        .with_retention("until the browser's data is deleted")
        .with_policy_url("https://www.tidio.com/privacy-policy/")
        .storage(["tidio_*"])
        .globals(["tidioChatApi.on"])
        .hosts(["code.tidio.co", "tidiochat.com"])
        .inline(["code.tidio.co/"])
}

/// All of them.
pub(crate) fn all_embeds() -> Vec<Vendor> {
    vec![
        youtube(),
        vimeo(),
        dailymotion(),
        twitch(),
        wistia(),
        google_maps(),
        google_translate(),
        google_recaptcha(),
        spotify(),
        soundcloud(),
        x_embed(),
        facebook_embed(),
        instagram_embed(),
        tiktok_embed(),
        linkedin_embed(),
        pinterest_embed(),
        disqus(),
        trustpilot(),
        calendly(),
        intercom(),
        zendesk(),
        crisp(),
        tawk(),
        livechat(),
        tidio(),
    ]
}
