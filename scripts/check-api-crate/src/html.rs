//! The parts of HTML that this program needs to know.

/// Returns where the links of rustdoc's page of all items lead.
pub fn links_of_all_items(html: &str) -> Vec<String> {
    let links = html.split("<li><a href=\"").skip(1);
    let targets = links.filter_map(|link| link.split('"').next());
    // Those of the sidebar lead to headings of the page.
    targets
        .filter(|target| !target.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// Returns the text that a reader sees.
pub fn text(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text += part.split_once('>').map_or(part, |(_, text)| text);
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&nbsp;", " ").replace("&amp;", "&")
}

/// Returns what stands between the first `start` and the next `end`.
pub fn between<'h>(html: &'h str, start: &str, end: &str) -> Option<&'h str> {
    let (_, rest) = html.split_once(start)?;
    rest.split_once(end).map(|(part, _)| part)
}

/// Returns what stands before the first of the `ends`, or all.
pub fn before_any<'h>(html: &'h str, ends: &[&str]) -> &'h str {
    let first = ends.iter().filter_map(|end| html.find(end)).min();
    first.map_or(html, |first| &html[..first])
}
