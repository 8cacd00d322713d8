//! The items on a page of rustdoc.

use crate::html::{before_any, between, text};

/// A page of a crate.
pub struct Page {
    /// The crate and the path in its folder, such as `parallelize/processes/fn.join.html`.
    path: String,
    html: String,
}

/// An item, and its part of a page.
pub struct Item {
    /// Such as `parallelize::Job::collect`.
    pub name: String,
    pub kind: Kind,
    /// The declaration, as a reader sees it.
    pub declaration: String,
    /// The documentation, in HTML.
    pub docs: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A function or a method.
    Function,
    /// An attribute.
    Attribute,
    /// A type, a trait, or an option of an attribute.
    Other,
}

/// What follows the items of a page: the traits that a type implements, or the types that implement
/// a trait.
const END_OF_ITEMS: [&str; 6] = [
    "id=\"trait-implementations\"",
    "id=\"synthetic-implementations\"",
    "id=\"blanket-implementations\"",
    "id=\"deref-methods",
    "id=\"foreign-impls\"",
    "id=\"implementors\"",
];

impl Page {
    pub fn new(crate_name: &str, path: &str, html: String) -> Self {
        let path = format!("{crate_name}/{path}");
        Self { path, html }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns what the page says, without the sidebar.
    pub fn text(&self) -> String {
        text(self.main())
    }

    /// Returns the names in brackets that should be links, but lead nowhere.
    pub fn dead_links(&self) -> Vec<String> {
        let after_brackets = self.main().split("[<code>").skip(1);
        let names = after_brackets.filter_map(|after| after.split_once("</code>]"));
        names.map(|(name, _)| text(name)).collect()
    }

    fn main(&self) -> &str {
        let main = self.html.split_once("id=\"main-content\"");
        main.map_or("", |(_, main)| main)
    }

    /// Returns the item to which the page belongs, and its methods or its options. The page of a
    /// module has none.
    pub fn items(&self) -> Vec<Item> {
        let Some((kind, name)) = self.kind_and_name() else {
            return Vec::new();
        };
        let mut parts = before_any(self.main(), &END_OF_ITEMS).split("<section id=\"");
        let own = parts.next().unwrap_or_default();
        let docs = between(own, "<div class=\"docblock\">", "</details>").unwrap_or_default();
        let declaration = between(own, "<pre class=\"rust item-decl\">", "</pre>");
        let item = Item {
            name: name.clone(),
            kind,
            declaration: text(declaration.unwrap_or_default()),
            docs: docs.to_owned(),
        };
        let inner = match kind {
            Kind::Attribute => options(&name, docs),
            _ => parts.filter_map(|part| method(&name, part)).collect(),
        };
        [item].into_iter().chain(inner).collect()
    }

    /// Returns the item to which the page belongs, as its path says.
    fn kind_and_name(&self) -> Option<(Kind, String)> {
        let (modules, file) = self.path.rsplit_once('/')?;
        let (kind, name) = file.strip_suffix(".html")?.split_once('.')?;
        let kind = match kind {
            "fn" => Kind::Function,
            "attr" => Kind::Attribute,
            _ => Kind::Other,
        };
        Some((kind, format!("{}::{name}", modules.replace('/', "::"))))
    }
}

/// Returns the method of `parent` whose section begins with this id, if it is that of a method.
fn method(parent: &str, section: &str) -> Option<Item> {
    let (id, section) = section.split_once('"')?;
    let name = id
        .strip_prefix("method.")
        .or_else(|| id.strip_prefix("tymethod."))?;
    let (declaration, docs) = section.split_once("</section>")?;
    let declaration = between(declaration, "<h4 class=\"code-header\">", "</h4>")?;
    Some(Item {
        name: format!("{parent}::{name}"),
        kind: Kind::Function,
        declaration: text(declaration),
        docs: docs.to_owned(),
    })
}

/// Returns the options of the attribute called `parent`: each has a heading of the third rank.
fn options(parent: &str, docs: &str) -> Vec<Item> {
    let parts = docs.split("<h3 id=\"").skip(1);
    let option = |part: &str| {
        let (_, part) = part.split_once("</a>")?;
        let (name, docs) = part.split_once("</h3>")?;
        Some(Item {
            name: format!("{parent}: {}", text(name)),
            kind: Kind::Other,
            declaration: String::new(),
            docs: before_any(docs, &["<h2 id=\""]).to_owned(),
        })
    };
    parts.filter_map(option).collect()
}

impl Item {
    /// Returns whether there is an example that compiles.
    pub fn has_example(&self) -> bool {
        // Those that are ignored or do not compile have another class beside the first.
        self.docs
            .contains("<div class=\"example-wrap\"><pre class=\"rust ")
    }

    /// Returns whether there is a section with this title.
    pub fn has_section(&self, title: &str) -> bool {
        let heading = format!("</a>{title}</h");
        self.docs.contains(&heading)
    }

    /// Returns whether this is a function that returns a `Result`.
    pub fn returns_result(&self) -> bool {
        let signature = before_any(&self.declaration, &["where\n"]);
        let output = signature.rsplit_once(") -> ");
        output.is_some_and(|(_, output)| output.starts_with("Result<"))
    }
}
