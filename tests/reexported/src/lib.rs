//! The facade through the re-export of another crate. This crate does not depend on it.
#![deny(warnings)]

use other::again::inside::parallel;

#[parallel(crate = ::other::again::inside, grid(x, y), skip_none)]
pub fn quotient(x: u32, y: u32, names: &[String]) -> Option<String> {
    let quotient = x.checked_div(y)?;
    names.get(quotient as usize).cloned()
}

/// Compiles without `serde` and `linkme` among the dependencies.
#[cfg(feature = "cluster")]
#[parallel(crate = ::other::again::inside, cluster, local(buffer = name.to_owned()), fail_fast)]
pub fn everywhere(x: u32, name: &str, buffer: &mut String) -> Result<String, u32> {
    buffer.truncate(name.len());
    buffer.push_str(&x.to_string());
    Ok(buffer.clone())
}

#[cfg(feature = "cluster")]
#[test]
fn cluster_functions_of_both_crates_are_registered() {
    use other::again::inside::__private::cluster::FUNCTIONS;

    assert_eq!(
        everywhere_parallel([1, 2], "a"),
        Ok(vec!["a1".to_owned(), "a2".to_owned()])
    );
    let mut names: Vec<&str> = FUNCTIONS.iter().map(|entry| entry.name).collect();
    names.sort_unstable();
    let known = [
        "parallelize_test_renamed::everywhere",
        "parallelize_test_reexported::everywhere",
    ];
    assert!(known.iter().all(|name| names.contains(name)), "{names:?}");
}

#[test]
fn companions_agree_with_the_loop() {
    let names: Vec<String> = (0..40).map(|i| i.to_string()).collect();
    let pairs = (0..50).flat_map(|x| (0..50).map(move |y| (x, y)));
    let looped: Vec<String> = pairs.filter_map(|(x, y)| quotient(x, y, &names)).collect();
    assert_eq!(quotient_parallel(0..50, 0..50, &names), looped);
    let job = quotient_job(0..50, 0..50, &names).threads(3);
    assert!(job.collect().into_iter().flatten().eq(looped));
}
