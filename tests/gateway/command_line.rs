//! Proves that the command line and its files are read as the help says, and everything wrong with them is said at once.

use crate::proxy::options::{Command, HELP, Options};
use crate::proxy::{Problems, options, site};
use crate::{Stage, answer};

fn read(line: &str) -> Result<Command, String> {
    let (command, problems) = options::read(line.split_ascii_whitespace().map(str::to_owned));
    problems
        .none_or(command)
        .map_err(|problems| problems.to_string())
}

#[test]
fn the_command_line_is_read_as_the_help_says() {
    let line = "--upstream http://127.0.0.1:8080 --listen=127.0.0.1:9000 --policy consent.toml \
        --list a.txt --list b.txt --strict --insecure-cookies --upstream-host --behind-proxy";
    let Ok(Command::Run(options)) = read(line) else {
        panic!("{:?}", read(line));
    };
    assert_eq!(options.upstream, "127.0.0.1:8080");
    assert_eq!(options.listen, "127.0.0.1:9000");
    assert_eq!(options.policy.unwrap().to_str(), Some("consent.toml"));
    assert_eq!(options.lists.len(), 2);
    assert!(options.strict && options.insecure_cookies);
    assert!(options.upstream_host && options.behind_proxy);
    assert!(matches!(read("--help"), Ok(Command::Help)));
    for word in line.split([' ', '=']).filter(|word| word.starts_with("--")) {
        assert!(HELP.contains(&format!("  {word} ")), "{word}");
    }
    assert!(matches!(
        read("--upstream http://[::1]:80"),
        Ok(Command::Run(_))
    ));
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let line = "--upstream https://shop.test --listen nowhere --fast --strict=yes --policy --policy a --policy b";
    let told = read(line).unwrap_err();
    for part in [
        "must begin with http://",
        "--listen nowhere is not an address",
        "no option --fast",
        "--strict takes no value",
        "--policy needs a value",
        "--policy is given 2 times",
        "--help",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    for (line, part) in [
        ("", "--upstream is missing"),
        ("--upstream shop.test", "must begin with http://"),
        ("--upstream http://a.test/shop", "must end after the port"),
        ("--upstream http://u:p@a.test", "no password"),
        ("--upstream http://:", "--upstream http://:"),
        ("--upstream http://127.0.0.1:8000", "ask itself"),
        ("8080", "no option 8080"),
    ] {
        let told = read(line).unwrap_err();
        assert!(told.contains(part), "{line}: {told}");
    }
}

#[test]
fn a_policy_that_cannot_be_used_is_told_with_its_problems() {
    let mut options = Options::new("127.0.0.1:8080".parse().unwrap());
    options.policy = Some("tests/data/no-such-file.toml".into());
    options.lists = vec!["tests/data/no-such-list.txt".into()];
    let mut problems = Problems::default();
    problems.add("there is no option --fast");
    let told = site::layer(&options, problems).unwrap_err().to_string();
    for part in [
        "no option --fast",
        "no-such-file.toml: cannot read",
        "no-such-list.txt: cannot read",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    options.lists.clear();

    for file in ["tests/data/policy.toml", "tests/data/policy.json"] {
        options.policy = Some(file.into());
        assert!(site::layer(&options, Problems::default()).is_ok(), "{file}");
    }

    options.policy = Some("Cargo.toml".into());
    let told = site::layer(&options, Problems::default())
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("Cargo.toml") && told.contains("unknown field"),
        "{told}"
    );
}

#[tokio::test]
async fn lists_and_strictness_reach_the_gate() {
    const OTHERS: &str = "<!doctype html><html><head>\
        <script src=\"https://a.listed-tracker.test/t.js\"></script>\
        <script src=\"https://cdn.harmless.test/app.js\"></script></head><body></body></html>";
    let list = std::env::temp_dir().join(format!("easyprivacy-{}.txt", std::process::id()));
    std::fs::write(
        &list,
        "! Title: EasyPrivacy\n||listed-tracker.test^$third-party\n",
    )
    .unwrap();
    for (strict, lists, blocked) in [
        (false, vec![], 0),
        (false, vec![list.clone()], 1),
        (true, vec![], 2),
        (true, vec![list.clone()], 2),
    ] {
        let mut options = Options::new("127.0.0.1:8080".parse().unwrap());
        (options.strict, options.lists) = (strict, lists);
        let stage = Stage::with(
            |wanted| {
                *wanted = Options {
                    upstream: wanted.upstream.clone(),
                    ..options
                }
            },
            |_| answer("text/html", OTHERS),
        )
        .await;
        let (_, page) = stage.page().await;
        assert_eq!(
            page.matches("type=\"text/plain\"").count(),
            blocked,
            "{page}"
        );
    }
    std::fs::remove_file(list).unwrap();
}
