//! What random functions are made of. In types, `%T` is a type parameter.

/// Types of arguments that own what they are.
pub(crate) const OWNED: &[&str] = &[
    "u64",
    "f64",
    "char",
    "String",
    "Option<u32>",
    "Vec<u64>",
    "(u8, String)",
    "[u16; 3]",
    "Arc<str>",
    "Box<[u8]>",
    "BTreeMap<String, u64>",
    "Range<u64>",
    "Result<u8, String>",
    "Point",
    "<Point as Named>::Name",
    "fn(u64) -> u64",
    "for<'x> fn(&'x str) -> &'x str",
    "impl Clone + Debug",
    "impl Fn(u64) -> u64 + Clone",
    "Option<impl Clone>",
    "PhantomData<u8>",
];

/// Types of arguments with type parameters.
pub(crate) const GENERIC: &[&str] = &[
    "%T",
    "&%T",
    "&'a %T",
    "Option<%T>",
    "Vec<%T>",
    "&[%T]",
    "(%T, u8)",
    "[%T; N]",
    "[u8; N]",
    "&[u8; N]",
    "Arc<%T>",
    "PhantomData<%T>",
    "fn(%T) -> u8",
    "Cow<'_, [%T]>",
];

/// Types of arguments that borrow.
pub(crate) const BORROWED: &[&str] = &[
    "&str",
    "&'a str",
    "&u64",
    "&[u8]",
    "&Vec<String>",
    "&'a [String]",
    "Cow<'_, str>",
    "Cow<'a, str>",
    "&(u8, char)",
    "&'static str",
    "Borrowed<'_>",
    "Borrowed<'a>",
    "&'a Borrowed<'a>",
    "&&str",
    "Option<&str>",
    "Vec<&'a str>",
    "(&str, &'a str)",
    "&(dyn Fn(u64) -> u64 + Sync)",
    "&(dyn Debug + Sync)",
    "&impl Debug",
    "&[Cow<'_, str>]",
];

/// Types of arguments that workers have of their own, and a first value for each.
pub(crate) const LOCALS: &[(&str, &str)] = &[
    ("&mut u64", "0"),
    ("&mut String", "String::with_capacity(8)"),
    ("&mut Vec<u64>", "Vec::new()"),
    ("&mut [u8]", "[0; 4]"),
    ("&mut Vec<Rc<u8>>", "vec![Rc::new(1)]"),
    ("&mut (u8, Option<String>)", "(1, None)"),
];

/// Patterns instead of names, and the types that they fit.
pub(crate) const PATTERNS: &[(&str, &str)] = &[
    ("_", "u64"),
    ("_", "&str"),
    ("(left, _)", "(u8, String)"),
    ("mut changed", "String"),
    ("Point { x: across, .. }", "Point"),
    ("[first, .., last]", "[u16; 3]"),
    ("&copied", "&u64"),
    ("&(small, _)", "&(u8, char)"),
    ("whole @ (_, letter)", "(u8, char)"),
    ("Borrowed(text)", "Borrowed<'_>"),
    ("(_, Borrowed(inner))", "(&str, Borrowed<'_>)"),
];

/// Names of arguments, some of which generated code might want.
pub(crate) const NAMES: &[&str] = &[
    "x",
    "y",
    "item",
    "items",
    "index",
    "function",
    "job",
    "result",
    "r#type",
    "local",
    "key",
    "work",
    "apply",
    "constants",
    "threads",
    "value",
    "_unused",
    "core",
    "std",
    "parallelize",
];

/// Names of type parameters.
pub(crate) const TYPE_NAMES: &[&str] = &["T", "I", "R", "F", "Item", "Output"];

/// Types of results that need nothing.
pub(crate) const OUTPUTS: &[&str] = &[
    "",
    "()",
    "u64",
    "String",
    "(u8, String)",
    "Option<u64>",
    "Option<Option<u64>>",
    "Result<u64, String>",
    "Result<(), std::num::ParseIntError>",
    "Result<Option<u64>, String>",
    "Option<Result<u64, String>>",
    "std::io::Result<u64>",
    "impl Debug",
    "Box<dyn Debug + Send>",
    "&'static str",
    "&'a str",
    "Option<&'a str>",
    "Result<Cow<'a, str>, String>",
    "%T",
    "Vec<%T>",
    "Option<%T>",
    "Result<%T, String>",
];

/// Types of results that borrow from the only borrowed argument.
pub(crate) const ELIDED: &[&str] = &["&str", "Option<&str>", "Cow<'_, str>", "Borrowed<'_>"];

/// Attributes and modifiers before `fn`.
pub(crate) const BEFORE: &[&str] = &[
    "",
    "",
    "",
    "/// Does something.\n",
    "#[must_use]\n",
    "#[inline]\n",
    "#[deprecated]\n",
    "#[cfg(not(any()))]\n",
    "#[allow(unused)]\n",
];
