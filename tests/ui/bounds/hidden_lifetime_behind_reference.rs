use parallelize::parallel;

struct Token<'a>(&'a str);

#[parallel]
fn f(token: &Token) -> usize {
    token.0.len()
}

fn main() {}
