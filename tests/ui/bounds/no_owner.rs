use parallelize::parallel;

#[parallel]
fn length(word: &str) -> usize {
    word.len()
}

#[parallel]
fn total(numbers: &[f64]) -> f64 {
    numbers.iter().sum()
}

fn main() {
    length_parallel([1, 2]);
    length_parallel(vec![String::new()]);
    total_parallel(&[1.0, 2.0]);
}
