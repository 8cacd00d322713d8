//! A picture of the Mandelbrot set. Each row is an item; rows through the spiral cost more than
//! others.

use std::error::Error;
use std::f64::consts::TAU;
use std::fs::File;
use std::io::BufWriter;
use std::ops::Range;
use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{RgbImage, imageops};
use parallelize::parallel;

/// The part of the plane that the picture shows.
pub(crate) struct View {
    center: (f64, f64),
    /// The side of a pixel in the plane.
    scale: f64,
    pub(crate) width: u32,
    height: u32,
    /// A point that has not escaped after this many steps counts as one of the set.
    steps: u32,
}

/// The tail of a seahorse, in the valley between the heart and the disc to its left.
pub(crate) const VIEW: View = View {
    center: (-0.743_567, 0.131_402),
    scale: 0.0023 / 840.0,
    width: 840,
    height: 560,
    steps: 1000,
};

impl View {
    pub(crate) fn rows(&self) -> Range<u32> {
        0..self.height
    }

    fn point(&self, x: f64, y: f64) -> (f64, f64) {
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        (
            self.center.0 + (x - width / 2.0) * self.scale,
            self.center.1 - (y - height / 2.0) * self.scale,
        )
    }
}

/// Returns the colours of row `y`, three bytes per pixel.
#[parallel]
pub(crate) fn mandelbrot_row(y: u32, view: &View) -> Vec<u8> {
    (0..view.width).flat_map(|x| pixel(x, y, view)).collect()
}

/// Returns the mean colour of four points inside the pixel, so that edges are smooth.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "channels are from 0 to 255"
)]
fn pixel(x: u32, y: u32, view: &View) -> [u8; 3] {
    const INSIDE: [(f64, f64); 4] = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)];
    let mut sum = [0.0; 3];
    for (right, down) in INSIDE {
        let (re, im) = view.point(f64::from(x) + right, f64::from(y) + down);
        let color = escape(re, im, view.steps).map_or([0.0; 3], palette);
        sum = [0, 1, 2].map(|i| sum[i] + color[i]);
    }
    sum.map(|channel| (channel / 4.0 * 255.0).round() as u8)
}

/// Returns after how many steps of `z = z * z + c` the point escapes. A fraction makes the number
/// smooth in `c`.
fn escape(re: f64, im: f64, steps: u32) -> Option<f64> {
    let (mut x, mut y) = (0.0_f64, 0.0_f64);
    for step in 0..steps {
        let (xx, yy) = (x * x, y * y);
        if xx + yy > 1e4 {
            return Some(f64::from(step) + 1.0 - (xx + yy).ln().log2());
        }
        y = 2.0 * x * y + im;
        x = xx - yy + re;
    }
    None
}

/// Returns red, green and blue from 0 to 1. Each is a cosine with another phase.
fn palette(escape: f64) -> [f64; 3] {
    let turn = escape.max(0.0).sqrt() * 0.11;
    [0.0, 0.08, 0.19].map(|phase| 0.5 - 0.5 * (TAU * (turn + phase)).cos())
}

/// Writes the picture, scaled to `width` pixels.
pub(crate) fn write_png(
    path: &Path,
    view: &View,
    width: u32,
    rows: &[Vec<u8>],
) -> Result<(), Box<dyn Error>> {
    let picture = RgbImage::from_raw(view.width, view.height, rows.concat()).ok_or("rows lack")?;
    let height = width * view.height / view.width;
    let scaled = imageops::resize(&picture, width, height, imageops::FilterType::Triangle);
    let file = BufWriter::new(File::create(path)?);
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
    scaled.write_with_encoder(encoder)?;
    Ok(())
}
