use parallelize::parallel;

#[parallel(cluster)]
fn f<T: Clone + Sync, const N: usize>(x: u64, k: T, a: [u64; N], g: &impl Fn()) -> u64 {
    g();
    drop(k);
    x + a[0]
}

fn main() {}
