//! Files and constants that a job refuses.

use std::collections::HashMap;
use std::error::Error;
use std::{env, fmt, io};

use parallelize_runtime::__private::{Constant, Key, Profile, companion};
use parallelize_runtime::{Job, JournalError, JournalErrorKind, Work, job};
use serde::Serialize;

use crate::layout::layout;
use crate::support::new_profile;
use crate::support::scratch::Scratch;
use crate::{Row, looped, row};

/// Returns a job with a constant, as generated code makes it.
fn scaled<'a, C: Serialize + Sync + 'a>(
    items: impl IntoIterator<Item = u64, IntoIter: Send + 'a> + 'a,
    constant: C,
) -> Job<impl Iterator<Item = u64> + Send + 'a, impl Work<u64, Output = Row> + 'a> {
    static PROFILE: Profile = Profile::new();
    companion(&PROFILE, items, constant, |_| (), |_, (), seed| row(seed))
        .keyed(|constant| Key::named("scaled").with("scale", Constant::new(constant).digest()))
}

/// Returns why `job` is refused.
#[track_caller]
fn refused<J>(path: &Scratch, job: Result<J, JournalError>) -> JournalErrorKind {
    let error = job.err().expect("it is refused");
    assert_eq!(error.path, path.0);
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("journal `{}`: ", path.0.display())),
        "{text}"
    );
    let is_unreadable = matches!(
        error.kind,
        JournalErrorKind::Io(_) | JournalErrorKind::InUse
    );
    let says_that_it_is_left = text.contains("the file is left untouched");
    assert_eq!(says_that_it_is_left, !is_unreadable, "{text}");
    error.kind
}

#[test]
fn a_journal_of_other_work_is_refused_and_left_untouched() {
    let path = Scratch::new();
    let known: HashMap<u32, String> = (0..50).map(|i| (i, i.to_string())).collect();
    let constant = || (known.clone(), 7);
    scaled(0..10, constant()).journal(&path).unwrap().collect();
    let whole = path.bytes();

    // The order of a map differs from process to process, and between these two maps.
    let reordered: HashMap<u32, String> = known.clone().into_iter().collect();
    assert_eq!(
        scaled(vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9], (reordered, 7))
            .journal(&path)
            .unwrap()
            .collect(),
        looped(10)
    );

    let mut other = constant();
    other.0.insert(7, "8".to_owned());
    let kind = refused(&path, scaled(0..10, other).journal(&path));
    assert!(matches!(kind, JournalErrorKind::Constant { name } if name == "scale"));
    let kind = refused(&path, scaled(0..10, (known.clone(), 8)).journal(&path));
    assert!(matches!(kind, JournalErrorKind::Constant { name } if name == "scale"));
    let kind = refused(&path, job(0..10, row).journal(&path));
    assert!(matches!(kind, JournalErrorKind::Function { found, .. } if found == "scaled"));
    let items = [0, 1, 2, 3, 4, 50, 6, 7, 8, 9];
    let kind = refused(&path, scaled(items, constant()).journal(&path));
    assert!(matches!(kind, JournalErrorKind::Item { index: 5 }));
    let kind = refused(&path, scaled(0..9, constant()).journal(&path));
    assert!(matches!(kind, JournalErrorKind::Items { found: 9 }));
    let names = companion(
        new_profile(),
        0..10_u64,
        constant(),
        |_| (),
        |_, (), seed| row(seed).name,
    )
    .keyed(|constant| Key::named("scaled").with("scale", Constant::new(constant).digest()));
    let kind = refused(&path, names.journal(&path));
    assert!(matches!(kind, JournalErrorKind::Results { .. }));
    assert_eq!(path.bytes(), whole);

    let mut newer = whole.clone();
    newer[b"parallelize journal\n".len()] += 1;
    let kind = refused(&path, scaled(0..10, constant()).journal(path.put(&newer)));
    assert!(matches!(
        kind,
        JournalErrorKind::Version {
            found: 3,
            expected: 2
        }
    ));
    assert_eq!(path.bytes(), newer);

    for text in [&b"seed,value\n1,2\n"[..], b"p", b"parallel", &[0; 500]] {
        let found = scaled(0..10, constant()).journal(path.put(text));
        if b"parallelize".starts_with(text) {
            // A process that is killed while it writes the first bytes leaves this file.
            assert_eq!(found.unwrap().collect(), looped(10));
        } else {
            assert!(matches!(refused(&path, found), JournalErrorKind::NoJournal));
            assert_eq!(path.bytes(), text);
        }
    }
}

#[test]
fn a_journal_of_values_of_another_type_is_refused() {
    /// Returns a job with the same key for every type of values.
    fn checked<T: Send>(
        function: impl Fn(u64) -> T + Sync,
    ) -> Job<impl Iterator<Item = u64> + Send, impl Work<u64, Output = Result<T, fmt::Error>>> {
        let apply = move |(): &(), (): &mut (), seed| Ok(function(seed));
        companion(new_profile(), 0..10, (), |()| (), apply).keyed(|()| Key::named("checked"))
    }
    let path = Scratch::new();
    let numbers = || checked(|seed| seed).journal_ok(&path);
    numbers().unwrap().collect();
    let texts = checked(|seed| seed.to_string()).journal_ok(&path);
    let kind = refused(&path, texts);
    assert!(matches!(kind, JournalErrorKind::Results { found, .. } if found == "u64"));
    assert!(numbers().unwrap().collect().into_iter().eq((0..10).map(Ok)));
}

#[test]
fn a_refused_journal_keeps_its_torn_end() {
    let path = Scratch::new();
    let start = |items| job(items, row).threads(1).journal(&path);
    start(0..10).unwrap().collect();
    let whole = path.bytes();
    let last = layout(&whole).1.pop().unwrap().bytes;
    for end in 0..last.len() {
        let torn = [&whole, &whole[last.clone()][..end]].concat();
        path.put(&torn);
        let kind = refused(&path, start(5..15));
        assert!(matches!(kind, JournalErrorKind::Item { index: 0 }));
        let kind = refused(&path, start(0..3));
        assert!(matches!(kind, JournalErrorKind::Items { found: 3 }));
        assert_eq!(path.bytes(), torn);
        assert_eq!(start(0..10).unwrap().collect(), looped(10));
        assert_eq!(path.bytes(), torn);
    }
}

#[test]
fn a_constant_that_cannot_be_compared_is_named() {
    static PROFILE: Profile = Profile::new();
    struct Model;
    let path = Scratch::new();
    let modelled = companion(&PROFILE, 0..10_u64, Model, |_| (), |_, (), seed| row(seed))
        .keyed(|model| Key::named("modelled").with("model", Constant::new(model).digest()));
    let error = modelled.journal(&path).unwrap_err().to_string();
    for part in [
        "`model` of `modelled`",
        "::Model` is not known to be",
        "derive",
        "closure",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert!(!path.0.exists());
}

#[test]
fn a_path_in_a_missing_folder_is_an_error() {
    let path = Scratch(env::temp_dir().join("no such folder").join("journal"));
    let error = job(0..10, row).journal(&path).unwrap_err();
    let JournalErrorKind::Io(source) = &error.kind else {
        panic!("{error}");
    };
    assert_eq!(source.kind(), io::ErrorKind::NotFound);
    assert!(error.source().is_some());
}

#[test]
fn a_journal_in_use_is_refused() {
    let path = Scratch::new();
    let first = job(0..10, row).journal(&path).unwrap();
    let kind = refused(&path, job(0..10, row).journal(&path));
    assert!(matches!(kind, JournalErrorKind::InUse));
    assert_eq!(first.collect(), looped(10));
    let again = job(0..10, row).journal(&path).unwrap();
    assert_eq!(again.collect(), looped(10));
}
