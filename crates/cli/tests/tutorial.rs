//! `docs/tutorial.md`: every command is run, and every block of code stands in what it is about.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::tool::{Ran, World};

const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const CHARM: &str = "redis-tutorial";

/// A block of the page, and the step it is in: 0 before the first.
struct Block {
    step: usize,
    language: String,
    text: String,
}

fn checkout() -> PathBuf {
    fs::canonicalize(CHECKOUT).unwrap()
}

fn page() -> Vec<Block> {
    let text = fs::read_to_string(checkout().join("docs/tutorial.md")).unwrap();
    let (mut blocks, mut step) = (Vec::new(), 0);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            let number = heading.split('.').next().and_then(|n| n.parse().ok());
            step = number.unwrap_or(step);
        } else if let Some(language) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
            blocks.push(Block {
                step,
                language: language.to_owned(),
                text: block.join("\n"),
            });
        }
    }
    assert_eq!(step, 6);
    blocks
}

/// The texts of all files below a folder.
fn texts(dir: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(texts(&path));
        } else {
            all.push(fs::read_to_string(&path).unwrap());
        }
    }
    all
}

#[test]
fn the_page_shows_what_stands_in_the_steps() {
    let world = World::new();
    world.ensign(["new", CHARM]).good();
    let mut places: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    places.insert(1, texts(&world.path(CHARM)));
    for step in 2..=6 {
        let dir = checkout().join(format!("docs/tutorial/step-{step}"));
        places.insert(step, texts(&dir));
    }
    // The last step shows the other end, too.
    let client = texts(&checkout().join("examples/redis-client/reactive"));
    places.get_mut(&6).unwrap().extend(client);
    let mut shown = 0;
    for block in page() {
        if !["rust", "yaml"].contains(&&*block.language) {
            assert!(["console", "text", "toml"].contains(&&*block.language));
            continue;
        }
        let there = &places[&block.step];
        assert!(
            there.iter().any(|text| text.contains(&block.text)),
            "step {} has not:\n{}",
            block.step,
            block.text
        );
        shown += 1;
    }
    assert!(shown > 15, "{shown}");
}

/// Follows the page. Whatever leads out of the charm leads into the checkout, as it does for a reader.
struct Reader {
    world: World,
    checkout: PathBuf,
    /// What has been done, by the first two words.
    done: BTreeMap<String, usize>,
}

impl Reader {
    fn charm(&self) -> PathBuf {
        self.world.path(CHARM)
    }

    fn outside(&self, text: &str) -> String {
        let checkout = self.checkout.display();
        text.replace("\"../", &format!("\"{checkout}/"))
            .replace(" ../", &format!(" {checkout}/"))
    }

    /// Lines below a table of `Cargo.toml`.
    fn depend(&self, block: &str) {
        let path = self.charm().join("Cargo.toml");
        let manifest = fs::read_to_string(&path).unwrap();
        let (table, lines) = block.split_once('\n').unwrap();
        let more = format!("{table}\n{}", self.outside(lines));
        assert!(manifest.contains(table), "{table}");
        fs::write(path, manifest.replacen(table, &more, 1)).unwrap();
    }

    fn run(&mut self, line: &str) {
        let line = self.outside(line);
        let words = words(&line);
        let two = words[..2].join(" ");
        *self.done.entry(two.clone()).or_default() += 1;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            // What it installs is what runs here.
            ["cargo", "install", "--path", path] => {
                assert!(self.checkout.join(path).join("Cargo.toml").is_file());
            }
            ["ensign", "new", name] => {
                self.world.ensign(["new", name]).good();
                // The same dependencies as the checkout's: nothing new is fetched.
                let lock = self.checkout.join("Cargo.lock");
                fs::copy(lock, self.charm().join("Cargo.lock")).unwrap();
            }
            ["cd", name] => assert!(self.world.path(name).is_dir()),
            ["cp", "-r", ..] => {
                assert_eq!(run(self.command("cp").args(&words[1..])).good().out, "");
                // The tests find the client beside the charm.
                let path = self.charm().join("tests/charm.rs");
                let text = fs::read_to_string(&path).unwrap();
                let examples = text.replace(
                    r#"concat!(env!("CARGO_MANIFEST_DIR"), "/.."#,
                    &format!(r#"concat!("{}", ""#, self.checkout.display()),
                );
                fs::write(path, examples).unwrap();
            }
            ["cargo", "test"] => {
                let ran = run(self.command("cargo").args(["test", "--quiet", "--tests"])).good();
                assert!(ran.out.contains("test result: ok."), "{ran:#?}");
            }
            ["ensign", "proof"] => {
                let ran = run(self.ensign().args(["proof", "--format", "json"])).good();
                assert_eq!(ran.json(), serde_json::json!([]));
            }
            ["ensign", "test", "--explore", ..] => {
                let ran = run(self.ensign().args(&words[1..])).good();
                let last = ran.out.lines().last().unwrap_or_default().to_owned();
                let none = last.matches(" 0 violations").count();
                assert_eq!(none, 2, "{last}");
            }
            ["ensign", "run" | "build", ..] => self.play(&words[1..]),
            _ => panic!("nobody has tried `{line}`"),
        }
    }

    /// What takes machines or a release build is played with a charm of the same options and endpoints that does
    /// nothing: the words of the page are what is looked at.
    fn play(&self, words: &[&str]) {
        let stand = World::new();
        let dir = match words[0] {
            "build" => stand.source(CHARM),
            _ => stand.charm(CHARM, "exit 0"),
        };
        for file in ["metadata.yaml", "config.yaml"] {
            fs::copy(self.charm().join(file), dir.join(file)).unwrap();
        }
        stand.charm("redis-client", "exit 0");
        let client = self.checkout.join("examples/redis-client");
        let file = "redis-client/metadata.yaml";
        fs::copy(client.join("metadata.yaml"), stand.path(file)).unwrap();
        let client = client.display().to_string();
        let there = |word: &&str| word.replace(&client, "../redis-client");
        let mut command = stand.command();
        command.current_dir(&dir).args(words.iter().map(there));
        if words[0] == "run" {
            command.arg("--no-machines");
        }
        run(&mut command).good();
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        self.prepare(&mut command);
        command
    }

    fn ensign(&self) -> Command {
        let mut command = self.world.command();
        self.prepare(&mut command);
        command
    }

    /// What is compiled stays for the next time.
    fn prepare(&self, command: &mut Command) {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tutorial");
        command.current_dir(self.charm()).stdin(Stdio::null());
        command.env("CARGO_TARGET_DIR", target);
        for (name, _) in std::env::vars_os() {
            let is_of_this_build = name.to_str().is_some_and(|name| name.starts_with("CARGO_"));
            if is_of_this_build && name != "CARGO_HOME" && name != "CARGO_TARGET_DIR" {
                command.env_remove(name);
            }
        }
    }
}

fn run(command: &mut Command) -> Ran {
    Ran::of(command.output().unwrap())
}

/// As a shell splits them.
fn words(line: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (n, part) in line.split('\'').enumerate() {
        if n % 2 == 1 {
            all.push(part.to_owned());
        } else {
            all.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    all
}

#[test]
fn a_reader_gets_to_the_end() {
    let mut reader = Reader {
        world: World::new(),
        checkout: checkout(),
        done: BTreeMap::new(),
    };
    for block in page() {
        match &*block.language {
            "toml" => reader.depend(&block.text),
            "console" => block.text.lines().for_each(|line| reader.run(line)),
            _ => {}
        }
    }
    assert_eq!(reader.done["cargo test"], 6);
    assert_eq!(reader.done["cp -r"], 5);
    for command in ["new", "run", "test", "proof", "build"] {
        assert!(
            reader.done.contains_key(&format!("ensign {command}")),
            "{command}"
        );
    }
}
