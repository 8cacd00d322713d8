//! Files that change while a job uses them. Windows does not allow this.
#![cfg(unix)]

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::sync::Mutex;

use crate::damage::{ITEMS, Journal, rows};
use crate::layout::{HEAD, Record};
use crate::support::panics::catch;
use crate::{looped, silence_expected};

#[test]
fn a_result_that_changes_while_the_job_runs_is_not_used() {
    silence_expected();
    let (journal, computed) = (Journal::new(), Mutex::default());
    for at in journal.header..journal.whole.len() {
        let path = journal.path.put(&journal.whole);
        let job = rows(ITEMS, &computed).journal(path).unwrap();
        let file = OpenOptions::new().write(true).open(&journal.path);
        let mut file = file.unwrap();
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        file.write_all(&[journal.whole[at] ^ 1]).unwrap();
        let is_head = |record: &Record| (record.bytes.start..).take(HEAD).any(|byte| byte == at);
        let found = catch(|| job.collect());
        if journal.records.iter().any(is_head) {
            assert_eq!(found.unwrap(), looped(ITEMS));
        } else {
            let message = found.unwrap_err();
            assert!(message.contains("were changed"), "{message}");
        }
    }
}

#[test]
fn a_file_that_is_cut_while_the_job_runs_is_an_error() {
    silence_expected();
    let (journal, computed) = (Journal::new(), Mutex::default());
    let job = rows(ITEMS, &computed).journal(&journal.path).unwrap();
    let file = OpenOptions::new().write(true).open(&journal.path).unwrap();
    file.set_len(journal.records[1].bytes.start as u64 + 3)
        .unwrap();
    let message = catch(|| job.collect()).unwrap_err();
    assert!(message.starts_with("journal `"), "{message}");
}
