use parallelize::parallel;

#[parallel(cluster)]
fn f((x, name): (u64, &str), k: Option<&u64>, words: &[&str], name_again: &'static str) -> usize {
    x as usize + name.len() + k.map_or(0, |k| *k as usize) + words.len() + name_again.len()
}

fn main() {}
