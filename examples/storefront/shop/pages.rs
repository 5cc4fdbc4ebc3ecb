//! What do the shop's pages look like?

use axum::response::Html;

use super::goods::{GOODS, Good, price};
use super::visit::Visit;
use super::{panel, tags};

pub(crate) fn home(visit: &Visit) -> Html<String> {
    let mut cards = String::new();
    for good in GOODS {
        cards += &format!(
            r#"<li><a class="card" href="/product/{}">{}<b>{}</b><span>{}</span></a></li>"#,
            good.id,
            drawing(good),
            good.name,
            price(good.price)
        );
    }
    let title = visit.say("Pots for every day", "Keramik für jeden Tag");
    let lead = visit.say(
        "Thrown, glazed and fired in one room, and sold in this one.",
        "In einem Raum gedreht, glasiert und gebrannt, und in diesem verkauft.",
    );
    layout(
        visit,
        title,
        &format!(r#"<p class="lead">{lead}</p><ul class="grid">{cards}</ul>"#),
    )
}

pub(crate) fn product(visit: &Visit, good: &Good) -> Html<String> {
    let [.., video] = &visit.shop.partners.0;
    let main = format!(
        r#"<div class="product">{drawing}<div>
<p class="lead">{blurb}</p>
<p class="price">{price}</p>
<form method="post" action="/cart"><input type="hidden" name="id" value="{id}"><button>{add}</button></form>
</div></div>
<h2>{made}</h2>
{video}"#,
        drawing = drawing(good),
        blurb = good.blurb,
        price = price(good.price),
        id = good.id,
        add = visit.say("Add to cart", "In den Warenkorb"),
        made = visit.say("How it is made", "So entsteht es"),
        video = tags::video(video, good.id),
    );
    let real = if visit.shop.real_tags && good.id == 1 {
        tags::REAL
    } else {
        ""
    };
    layout_with(visit, good.name, &main, real)
}

pub(crate) fn cart(visit: &Visit) -> Html<String> {
    let goods = visit.cart();
    let title = visit.say("Your cart", "Ihr Warenkorb");
    if goods.is_empty() {
        let empty = visit.say("It is empty.", "Er ist leer.");
        return layout(visit, title, &format!("<p>{empty}</p>"));
    }
    let mut rows = String::new();
    for good in &goods {
        rows += &format!(
            "<tr><td>{}</td><td>{}</td></tr>",
            good.name,
            price(good.price)
        );
    }
    let total = price(goods.iter().map(|good| good.price).sum());
    let main = format!(
        r#"<table>{rows}<tr><th>{}</th><th>{total}</th></tr></table>
<form method="post" action="/cart/clear"><button class="quiet">{}</button></form>"#,
        visit.say("Total", "Summe"),
        visit.say("Empty the cart", "Warenkorb leeren"),
    );
    layout(visit, title, &main)
}

pub(crate) fn login(visit: &Visit) -> Html<String> {
    let main = format!(
        r#"<form class="fields" method="post"><label>{} <input name="name" autocomplete="name" required maxlength="40"></label><button>{}</button></form>"#,
        visit.say("Your name, any will do", "Ihr Name, irgendeiner"),
        visit.say("Sign in", "Anmelden"),
    );
    layout(visit, visit.say("Sign in", "Anmelden"), &main)
}

pub(crate) fn account(visit: &Visit, name: &str) -> Html<String> {
    let main = format!(
        r#"<p class="lead">{} <b id="user">{}</b>.</p><form method="post" action="/logout"><button class="quiet">{}</button></form>"#,
        visit.say("Signed in as", "Angemeldet als"),
        escape(name),
        visit.say("Sign out", "Abmelden"),
    );
    layout(visit, visit.say("Your account", "Ihr Konto"), &main)
}

/// The shop's privacy policy. What it uses is written from the very declaration
/// that the layer goes by, so that the page cannot say anything else.
pub(crate) fn privacy(visit: &Visit) -> Html<String> {
    let lead = visit.say(
        "We count visits, show adverts and play films only if you allow it.",
        "Besuche zählen, Werbung zeigen und Filme abspielen tun wir nur, wenn Sie es erlauben.",
    );
    let until = visit.say(
        "Until then nothing of the kind is loaded, stored or read. The cart, your login and the language that you pick work either way.",
        "Bis dahin wird nichts davon geladen, gespeichert oder gelesen. Warenkorb, Anmeldung und Sprachwahl funktionieren in jedem Fall.",
    );
    let others = visit.say(
        "What other companies stored under their own addresses while you allowed it can only be deleted by them or by you, in your browser.",
        "Was andere Unternehmen unter ihren eigenen Adressen gespeichert haben, während Sie es erlaubten, können nur sie oder Sie selbst im Browser löschen.",
    );
    let declared = visit.consent.policy().text(visit.say("en", "de")).html();
    let main = format!(r#"<p class="lead">{lead}</p><p>{until}</p>{declared}<p>{others}</p>"#);
    layout(visit, visit.say("Privacy", "Datenschutz"), &main)
}

pub(crate) fn nothing(visit: &Visit) -> Html<String> {
    let main = format!(
        r#"<p><a href="/">{}</a></p>"#,
        visit.say("Back to the pots", "Zurück zur Keramik")
    );
    layout(
        visit,
        visit.say("There is nothing here", "Hier ist nichts"),
        &main,
    )
}

fn layout(visit: &Visit, title: &str, main: &str) -> Html<String> {
    layout_with(visit, title, main, "")
}

/// The frame around every page. `head` goes to the end of the head.
fn layout_with(visit: &Visit, title: &str, main: &str, head: &str) -> Html<String> {
    let account = match visit.user() {
        Some(name) => format!(r#"<a href="/account">{}</a>"#, escape(&name)),
        None => format!(
            r#"<a href="/login">{}</a>"#,
            visit.say("Sign in", "Anmelden")
        ),
    };
    let language = match visit.is_german() {
        true => r#"<a href="/language?to=en" lang="en">English</a>"#,
        false => r#"<a href="/language?to=de" lang="de">Deutsch</a>"#,
    };
    Html(format!(
        r#"<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Kiln &amp; Co.</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/shop.css">
<script defer src="/assets/shop.js"></script>{tags}{head}
</head>
<body>
<header><a class="logo" href="/">Kiln &amp; Co.</a>
<nav><a href="/">{shop}</a><a href="/cart">{cart} <span id="cart">{count}</span></a>{account}{language}<a href="/privacy">{privacy}</a></nav></header>
<div class="columns">
<main><h1>{title}</h1>
{main}
</main>
{panel}
</div>{foot}
</body>
</html>
"#,
        lang = visit.say("en", "de"),
        tags = tags::head(&visit.shop),
        shop = visit.say("Shop", "Laden"),
        cart = visit.say("Cart", "Warenkorb"),
        count = visit.cart().len(),
        privacy = visit.say("Privacy", "Datenschutz"),
        panel = panel::render(visit),
        foot = tags::foot(&visit.shop),
    ))
}

fn drawing(good: &Good) -> String {
    format!(
        r#"<svg class="drawing" viewBox="0 0 120 120" data-hue="{}" aria-hidden="true"><g fill="currentColor">{}</g></svg>"#,
        good.hue, good.drawing
    )
}

/// Text that is safe in HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
