//! The facade by way of another crate's re-export: nothing here depends on it.
#![deny(warnings)]

use other::again::inside::parallel;

#[parallel(crate = ::other::again::inside, grid(x, y), skip_none)]
pub fn quotient(x: u32, y: u32, names: &[String]) -> Option<String> {
    let quotient = x.checked_div(y)?;
    names.get(quotient as usize).cloned()
}

#[test]
fn agrees_with_the_loop() {
    let names: Vec<String> = (0..40).map(|i| i.to_string()).collect();
    let pairs = (0..50).flat_map(|x| (0..50).map(move |y| (x, y)));
    let looped: Vec<String> = pairs.filter_map(|(x, y)| quotient(x, y, &names)).collect();
    assert_eq!(quotient_parallel(0..50, 0..50, &names), looped);
    let job = quotient_job(0..50, 0..50, &names).threads(3);
    assert!(job.collect().into_iter().flatten().eq(looped));
}
