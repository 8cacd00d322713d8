//! What is demanded of the documentation of an item.

use crate::html::before_any;
use crate::page::{Item, Kind, Page};

/// The functions that have no reason to panic, and the types whose methods have none.
const NEVER_PANIC: &[&str] = &[
    "parallelize::ItemPanic",
    "parallelize::Job::chunk_size",
    "parallelize::Job::local",
    "parallelize::Job::progress",
    "parallelize::Job::progress_with",
    "parallelize::Job::spawn",
    "parallelize::Job::threads",
    "parallelize::Job::window",
    "parallelize::JobHandle::is_finished",
    "parallelize::Outcome",
    "parallelize::PanicPayload",
    "parallelize::Report",
    "parallelize::Stop",
    "parallelize::job",
    "parallelize::seed",
];

/// Names that say nothing to users, who know these crates as `parallelize`.
const INNER_NAMES: [&str; 4] = [
    "parallelize_runtime",
    "parallelize-runtime",
    "parallelize_macros",
    "parallelize-macros",
];

/// Finds pages that name an inner crate, or have a link without a target.
pub fn check_pages(pages: &[Page]) -> Vec<String> {
    let mut faults = Vec::new();
    for page in pages {
        let text = page.text();
        let names = INNER_NAMES.iter().filter(|name| text.contains(*name));
        faults.extend(names.map(|name| format!("{} names `{name}`", page.path())));
        let links = page.dead_links().into_iter();
        faults.extend(links.map(|name| format!("{} has a dead link `{name}`", page.path())));
    }
    faults
}

/// Finds items whose documentation lacks something, and exceptions that are none.
pub fn check_items(items: &[Item]) -> Vec<String> {
    let mut faults = Vec::new();
    for item in items {
        let mut add = |fault: &str| faults.push(format!("{} {fault}", item.name));
        if !item.has_example() {
            add("has no example");
        }
        if item.returns_result() && !item.has_section("Errors") {
            add("has no section Errors");
        }
        let never_panics = NEVER_PANIC.iter().any(|name| is_at(&item.name, name));
        match (item.has_section("Panics"), never_panics) {
            (false, false) if item.kind == Kind::Function => {
                add("has no section Panics; if it never panics, add it to `NEVER_PANIC`");
            }
            (true, true) => add("has a section Panics; remove it from `NEVER_PANIC`"),
            _ => {}
        }
    }
    for name in NEVER_PANIC {
        let is_read = items
            .iter()
            .any(|item| crate_of(&item.name) == crate_of(name));
        if is_read && !items.iter().any(|item| is_at(&item.name, name)) {
            faults.push(format!("{name} is an exception, and there is no such item"));
        }
    }
    faults
}

fn crate_of(name: &str) -> &str {
    before_any(name, &["::"])
}

/// Returns whether an item is the one called `name`, or a method of it.
fn is_at(item: &str, name: &str) -> bool {
    let rest = item.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}
