use parallelize::parallel;

#[parallel(cluster, local(words = text.split(' ').collect()))]
fn f(x: usize, text: &str, words: &mut Vec<&str>) -> usize {
    text.len() + words[x].len()
}

fn main() {}
