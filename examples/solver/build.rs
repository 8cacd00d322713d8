//! Compiles the solver.

fn main() {
    println!("cargo::rerun-if-changed=src/gas.c");
    cc::Build::new()
        .file("src/gas.c")
        // The same map on every processor: no multiplication and addition in one.
        .flag_if_supported("-ffp-contract=off")
        .compile("gas");
}
