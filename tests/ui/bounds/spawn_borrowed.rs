use parallelize::parallel;

#[parallel]
fn simulate(seed: u64, model: &[u64]) -> u64 {
    model.iter().fold(seed, |x, factor| x ^ factor)
}

fn main() {
    let model = vec![1, 2];
    let handle = simulate_job(0..10, &model).spawn();
    handle.join();
    let factor = &model[0];
    parallelize::job(0..10, move |x: u64| x * factor).spawn().join();
}
