//! Makes a folder of thumbnails from a folder of pictures, with a progress bar. Files that fail are
//! named, and the thumbnails of all others are kept.
//!
//! Without a folder it paints pictures of its own, into `target/thumbnails`:
//!
//! ```console
//! cargo run --release --features progress --example thumbnails [pictures thumbnails]
//! ```

use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageDecoder, ImageReader, ImageResult, Rgb, RgbImage};
use parallelize::parallel;
use walkdir::WalkDir;

/// The longer side of a thumbnail, in pixels.
const SIDE: u32 = 160;

/// Writes the thumbnail of a picture into `folder`, under the same name.
#[parallel]
fn thumbnail(picture: &Path, folder: &Path) -> ImageResult<()> {
    let mut decoder = ImageReader::open(picture)?.into_decoder()?;
    // A camera stores the rows of its sensor, and how to turn them.
    let orientation = decoder.orientation()?;
    let mut pixels = DynamicImage::from_decoder(decoder)?;
    pixels.apply_orientation(orientation);
    let name = picture.file_name().unwrap_or_default();
    pixels.thumbnail(SIDE, SIDE).save(folder.join(name))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let (from, to) = match &arguments[..] {
        [] => (paint_folder()?, PathBuf::from("target/thumbnails/small")),
        [from, to] => (from.clone(), to.clone()),
        _ => return Err("usage: thumbnails [pictures thumbnails]".into()),
    };
    let pictures = files(&from).map_err(|error| error.to_string())?;
    fs::create_dir_all(&to)?;
    if from.canonicalize()? == to.canonicalize()? {
        return Err("the thumbnails would replace the pictures; name another folder".into());
    }

    // One result for each picture, in the order of the pictures.
    let results = thumbnail_job(&pictures, &to).progress().collect();

    for (picture, result) in pictures.iter().zip(&results) {
        if let Err(error) = result {
            println!("{}: {error}", picture.display());
        }
    }
    let made = results.iter().flatten().count();
    println!("{made} of {} thumbnails in {}", results.len(), to.display());
    Ok(())
}

/// Returns the files in a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, walkdir::Error> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).max_depth(1).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_file() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Paints some pictures. Adds a broken one, and a file that is none.
fn paint_folder() -> Result<PathBuf, Box<dyn Error>> {
    let folder = PathBuf::from("target/thumbnails/pictures");
    fs::create_dir_all(&folder)?;
    let name = |n: u32| format!("{n:02}.{}", if n % 3 == 0 { "png" } else { "jpg" });
    let paths: Vec<PathBuf> = (1..=36).map(|n| folder.join(name(n))).collect();
    // All of them, or the first error with the position of its picture.
    paint_job(&paths).try_collect()?;

    let whole = fs::read(folder.join("03.png"))?;
    fs::write(folder.join("broken.png"), &whole[..whole.len() / 2])?;
    fs::write(folder.join("notes.txt"), "03.png is the best one.\n")?;
    Ok(folder)
}

/// Paints a hill under the sun, which rises with the number that the file has as its name.
#[parallel]
fn paint(path: &Path) -> ImageResult<()> {
    let number = path.file_stem().and_then(OsStr::to_str);
    let number: u32 = number.and_then(|number| number.parse().ok()).unwrap_or(0);
    let (sun_x, sun_y) = (20 * number, 500 - 12 * number);
    let picture = RgbImage::from_fn(800, 600, |x, y| {
        let to_sun = (x.abs_diff(sun_x).pow(2) + y.abs_diff(sun_y).pow(2)).isqrt();
        let light = 200_u8.saturating_sub(u8::try_from(to_sun / 4).unwrap_or(200));
        if y > 360 + x.abs_diff(500).pow(2) / 1_500 {
            Rgb([30 + light / 3, 90, 50])
        } else if to_sun < 50 {
            Rgb([255, 240, 180])
        } else {
            Rgb([50 + light, 100 + light / 2, 200 - light / 3])
        }
    });
    picture.save(path)
}
