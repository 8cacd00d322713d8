use parallelize::parallel;

trait Rows {
    #[parallel]
    fn row(&self, y: usize) -> impl Iterator<Item = u8>;

    #[parallel]
    fn column(&self, x: usize) -> Option<impl Iterator<Item = u8>> {
        (x > 0).then(|| std::iter::once(1))
    }
}

fn main() {}
