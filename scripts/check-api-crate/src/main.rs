//! Finds what the documentation of the public items lacks. `scripts/check-api` says what it checks.
//!
//! The stages: `html` reads the pages that rustdoc has made of a crate, `page` finds the items on a
//! page, and `rules` checks them.

mod html;
mod page;
mod rules;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use page::{Item, Page};

fn main() -> ExitCode {
    let mut pages = Vec::new();
    for folder in env::args().skip(1) {
        match read_pages(Path::new(&folder)) {
            Ok(read) => pages.extend(read),
            Err(error) => {
                eprintln!("{folder}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    let items: Vec<Item> = pages.iter().flat_map(Page::items).collect();
    let mut faults = rules::check_pages(&pages);
    faults.extend(rules::check_items(&items));
    for fault in &faults {
        println!("{fault}");
    }
    println!(
        "{} items on {} pages, {} faults",
        items.len(),
        pages.len(),
        faults.len()
    );
    if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Reads the pages of the crate in `folder`: its own, those of its modules and those of its items.
///
/// The page of all items names them. Other pages in the folder may be older.
fn read_pages(folder: &Path) -> Result<Vec<Page>, Box<dyn Error>> {
    let all = fs::read_to_string(folder.join("all.html"))?;
    let items = html::links_of_all_items(&all);
    let mut paths = vec!["index.html".to_owned()];
    for path in items {
        if let Some((module, _)) = path.rsplit_once('/') {
            let index = format!("{module}/index.html");
            if !paths.contains(&index) {
                paths.push(index);
            }
        }
        paths.push(path);
    }
    let crate_name = folder.file_name().unwrap_or_default().to_string_lossy();
    let read = |path: String| {
        let html = fs::read_to_string(folder.join(&path));
        let html = html.map_err(|error| format!("{path}: {error}"))?;
        Ok(Page::new(&crate_name, &path, html))
    };
    paths.into_iter().map(read).collect()
}
