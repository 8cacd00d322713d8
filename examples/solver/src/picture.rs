//! A map of the points: a cell for each, in the colour of what became of it.

use std::error::Error;

use plotters::prelude::*;

use crate::{PRESSURES, TEMPERATURES};

/// Draws the points, `count` on each axis, into an SVG file.
pub(crate) fn draw(
    path: &str,
    groups: &[(String, Vec<(f64, f64)>)],
    count: u32,
) -> Result<(), Box<dyn Error>> {
    let (left, right) = TEMPERATURES;
    let (bottom, top) = PRESSURES;
    let picture = SVGBackend::new(path, (800, 800)).into_drawing_area();
    picture.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&picture)
        .caption(
            "The volume of a gas: what became of each point",
            ("sans-serif", 26),
        )
        .margin(24)
        .x_label_area_size(50)
        .y_label_area_size(70)
        .build_cartesian_2d(left..right, bottom..top)?;
    for (fate, points) in groups {
        let color = color(fate).filled();
        let cells = points.iter().map(|&(temperature, pressure)| {
            let (left, right) = cell(temperature, TEMPERATURES, count);
            let (bottom, top) = cell(pressure, PRESSURES, count);
            Rectangle::new([(left, bottom), (right, top)], color)
        });
        let sample = move |(x, y)| Rectangle::new([(x, y - 7), (x + 14, y + 7)], color);
        chart.draw_series(cells)?.label(fate).legend(sample);
    }
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc("temperature, in units of the critical point")
        .y_desc("pressure, in units of the critical point")
        .label_style(("sans-serif", 18))
        .draw()?;
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .label_font(("sans-serif", 18))
        .background_style(WHITE)
        .border_style(BLACK)
        .draw()?;
    picture.present()?;
    Ok(())
}

/// Returns the edges of the part with this middle.
fn cell(middle: f64, (first, last): (f64, f64), count: u32) -> (f64, f64) {
    let part = (last - first) / f64::from(count);
    // Two neighbors have the very same edge, so that no line of white is left between them.
    let before = ((middle - first) / part).floor();
    (first + before * part, first + (before + 1.0) * part)
}

fn color(fate: &str) -> RGBColor {
    match fate {
        "liquid" => RGBColor(70, 130, 180),
        "gas" => RGBColor(208, 225, 240),
        "killed by signal 11 (SIGSEGV)" => RGBColor(178, 34, 34),
        "killed by signal 6 (SIGABRT)" => RGBColor(244, 165, 60),
        _ => BLACK,
    }
}
