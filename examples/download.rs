//! Downloads many files, 16 at a time and with a progress bar. Failures are listed, and the other
//! files are kept.
//!
//! The threads mostly wait for answers, so more threads than cores pay. The example brings its own
//! server:
//!
//! ```console
//! cargo run --release --features progress --example download
//! ```

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use parallelize::parallel;
use ureq::Agent;

/// Returns the text at `url`. All calls share the agent.
#[parallel]
fn fetch(url: &str, agent: &Agent) -> Result<String, ureq::Error> {
    agent.get(url).call()?.body_mut().read_to_string()
}

fn main() -> io::Result<()> {
    let server = serve()?;
    let urls: Vec<String> = (1..=300)
        .map(|n| format!("http://{server}/{n}.txt"))
        .collect();
    let agent = Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(10)))
        .proxy(None)
        .build()
        .into();

    // One result for each file, in the order of the files.
    let files = fetch_job(urls.iter().map(String::as_str), &agent)
        .threads(16)
        .progress()
        .collect();

    for (url, file) in urls.iter().zip(&files) {
        if let Err(error) = file {
            println!("{url}: {error}");
        }
    }
    let kept: Vec<&String> = files.iter().flatten().collect();
    let bytes: usize = kept.iter().map(|text| text.len()).sum();
    println!("{} of {} files, {bytes} bytes", kept.len(), files.len());
    Ok(())
}

/// Starts a server on this machine and returns its address.
fn serve() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            thread::spawn(|| answer(client));
        }
    });
    Ok(address)
}

/// Answers a request after 100 ms, like a distant server. Every hundredth file is missing.
fn answer(mut client: TcpStream) -> io::Result<()> {
    let lines = BufReader::new(&client).lines().map_while(Result::ok);
    // The first line is, for instance, `GET /17.txt HTTP/1.1`. An empty line ends the request.
    let request: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let path = request.first().and_then(|line| line.split(' ').nth(1));
    thread::sleep(Duration::from_millis(100));

    let (status, text) = match path {
        Some(path) if !path.ends_with("00.txt") => ("200 OK", path.repeat(1_000)),
        _ => ("404 Not Found", String::new()),
    };
    let length = text.len();
    write!(
        client,
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
    )
}
