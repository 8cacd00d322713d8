//! A copy of a public crate, which depends on `parallelize`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};
use cargo_metadata::{CrateType, Edition, Message, MetadataCommand, Target};
use quote::ToTokens;

use crate::Result;
use crate::function::{self, Function};

pub struct Package {
    /// The name and the version.
    pub name: String,
    folder: PathBuf,
    /// The files without annotations, by their paths in the folder.
    files: BTreeMap<PathBuf, String>,
}

/// What `cargo check` reports about the library.
pub struct Checked {
    pub compiles: bool,
    pub diagnostics: Vec<Diagnostic>,
}

impl Package {
    /// Copies the crate `name`, or `name@version`, into `folder`, which is empty.
    pub fn copy(name: &str, facade: &Path, folder: &Path) -> Result<Self> {
        let found = fetch(name, &folder.join("fetch"))?;
        let origin = found.manifest_path.parent().ok_or("no folder")?;
        let folder = folder.join("copy");
        copy_folder(origin.as_std_path(), &folder)?;
        depend(&folder.join("Cargo.toml"), facade)?;

        let is_script = |target: &&Target| target.is_custom_build();
        let (scripts, targets): (Vec<_>, Vec<_>) = found.targets.iter().partition(is_script);
        let library = targets.iter().find(|target| is_library(target));
        let library = library.ok_or("the crate has no library")?;
        let root = library.src_path.strip_prefix(origin)?.as_std_path();
        if library.edition == Edition::E2015 {
            declare(&folder.join(root))?;
        }
        let mut files = BTreeMap::new();
        read_folder(&folder, root.parent().ok_or("no folder")?, &mut files)?;
        // It may stand beside the library, and the library is not checked if it does not compile.
        for script in scripts {
            files.remove(script.src_path.strip_prefix(origin)?.as_std_path());
        }
        Ok(Self {
            name: format!("{} {}", found.name, found.version),
            folder,
            files,
        })
    }

    /// Returns all functions that may be annotated, in the order of their files and positions.
    pub fn functions(&self) -> Vec<Function> {
        let mut functions = Vec::new();
        for (path, text) in &self.files {
            match function::all(path, text) {
                Ok(found) => functions.extend(found),
                Err(error) => eprintln!("{}: {}: {error}", self.name, path.display()),
            }
        }
        functions
    }

    /// Checks the library with each of its files as `edit` returns it.
    pub fn check(&self, edit: impl Fn(&Path, &str) -> String) -> Result<Checked> {
        for (path, text) in &self.files {
            fs::write(self.folder.join(path), edit(path, text))?;
        }
        let output = Command::new("cargo")
            .args(["check", "--quiet", "--lib", "--message-format=json"])
            // Paths in messages are relative to it.
            .current_dir(&self.folder)
            // What the crate denies becomes a warning.
            .env("RUSTFLAGS", "--cap-lints=warn")
            .output()?;
        let mut diagnostics = Vec::new();
        for message in Message::parse_stream(output.stdout.as_slice()) {
            if let Message::CompilerMessage(message) = message?
                && message.target.src_path.starts_with(&self.folder)
            {
                diagnostics.push(message.message);
            }
        }
        let checked = Checked {
            compiles: output.status.success(),
            diagnostics,
        };
        if !checked.compiles && checked.errors().next().is_none() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        Ok(checked)
    }
}

impl Checked {
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        let is_error = |level| matches!(level, DiagnosticLevel::Error | DiagnosticLevel::Ice);
        self.diagnostics
            .iter()
            .filter(move |found| is_error(found.level))
    }
}

fn is_library(target: &Target) -> bool {
    let is_binary = |kind: &CrateType| *kind == CrateType::Bin;
    (target.is_lib() || target.is_proc_macro()) && !target.crate_types.iter().any(is_binary)
}

/// Downloads the crate `name`, or `name@version`, as a dependency of a package in the new `folder`.
fn fetch(name: &str, folder: &Path) -> Result<cargo_metadata::Package> {
    let (name, version) = match name.split_once('@') {
        Some((name, version)) => (name, format!("={version}")),
        None => (name, "*".to_owned()),
    };
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    let manifest = folder.join("Cargo.toml");
    let text = format!(
        "[package]\nname = \"fetch\"\nedition = \"2024\"\n\n[dependencies]\n{name} = \"{version}\"\n"
    );
    fs::write(&manifest, text)?;
    let metadata = MetadataCommand::new().manifest_path(&manifest).exec()?;
    let resolve = metadata.resolve.as_ref().ok_or("cargo resolves nothing")?;
    let root = resolve.root.as_ref().ok_or("cargo resolves nothing")?;
    // Several versions may be among the dependencies of the dependencies.
    let found = &resolve[root]
        .deps
        .first()
        .ok_or("cargo resolves nothing")?
        .pkg;
    Ok(metadata[found].clone())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if entry.file_name() != "Cargo.lock" {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Adds the crate `parallelize` in the folder `facade` to the dependencies.
fn depend(manifest: &Path, facade: &Path) -> Result<()> {
    let mut file = fs::OpenOptions::new().append(true).open(manifest)?;
    let path = facade.display();
    write!(file, "\n[dependencies.parallelize]\npath = \"{path}\"\n")?;
    Ok(())
}

/// Declares the crate `parallelize` in the file `root`, as edition 2015 needs. The lines of the
/// file keep their numbers.
fn declare(root: &Path) -> Result<()> {
    let mut text = fs::read_to_string(root)?;
    let file = syn::parse_file(&text)?;
    let first = file.items.iter().flat_map(ToTokens::to_token_stream).next();
    let start = first.map_or(text.len(), |first| first.span().byte_range().start);
    text.insert_str(start, "extern crate parallelize; ");
    fs::write(root, text)?;
    Ok(())
}

/// Reads all Rust files of the folder `inner` of `outer`.
fn read_folder(outer: &Path, inner: &Path, files: &mut BTreeMap<PathBuf, String>) -> Result<()> {
    for entry in fs::read_dir(outer.join(inner))? {
        let entry = entry?;
        let path = inner.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            read_folder(outer, &path, files)?;
        } else if path.extension() == Some(OsStr::new("rs")) {
            // What is not UTF-8 is not compiled, and may be the input of a test.
            if let Ok(text) = fs::read_to_string(entry.path()) {
                files.insert(path, text);
            }
        }
    }
    Ok(())
}
