//! Has the server compiled again when the console was built again. It builds nothing itself: without `console/dist` the binary
//! has a page that says how to get the console.

fn main() {
    println!("cargo:rerun-if-changed=../../console/dist");
}
