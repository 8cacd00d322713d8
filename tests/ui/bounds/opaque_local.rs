use parallelize::parallel;

#[parallel(local(buffer = vec![0; 3]))]
fn bytes(x: u8, buffer: &mut Vec<u8>) -> impl Iterator<Item = u8> {
    buffer[0] = x;
    buffer.clone().into_iter()
}

fn main() {}
