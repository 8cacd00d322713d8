//! The picture: how the mean approaches the known value.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::{KNOWN, Statistics};

const BAND: RGBColor = RGBColor(52, 101, 164);
const TRUTH: RGBColor = RGBColor(204, 82, 0);

/// Draws the means with their intervals, and the known value, into an SVG file.
pub(crate) fn draw(path: &Path, estimates: &[Statistics]) -> Result<(), Box<dyn Error>> {
    let (left, right) = (estimates[0].count, estimates[estimates.len() - 1].count);
    let widest = 1.5 * estimates[0].margin();

    let picture = SVGBackend::new(path, (800, 480)).into_drawing_area();
    picture.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&picture)
        .caption("The capacitance of a cube", ("sans-serif", 28))
        .margin(24)
        .margin_right(40)
        .x_label_area_size(50)
        .y_label_area_size(70)
        .build_cartesian_2d(
            (left..right).log_scale().base(2.0),
            KNOWN - widest..KNOWN + widest,
        )?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc("random walks")
        .x_label_formatter(&|walks| format!("{walks}"))
        .y_label_formatter(&|capacitance| format!("{capacitance:.3}"))
        .label_style(("sans-serif", 18))
        .draw()?;

    let point = |side: f64| move |e: &Statistics| (e.count, e.mean + side * e.margin());
    let upper = estimates.iter().map(point(1.0));
    let lower = estimates.iter().rev().map(point(-1.0));
    let band: Vec<_> = upper.chain(lower).collect();
    chart
        .draw_series([Polygon::new(band, BAND.mix(0.2))])?
        .label("95 % interval")
        .legend(|(x, y)| Rectangle::new([(x, y - 6), (x + 24, y + 6)], BAND.mix(0.2).filled()));
    chart
        .draw_series(LineSeries::new(
            estimates.iter().map(point(0.0)),
            BAND.stroke_width(2),
        ))?
        .label("mean")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 24, y)], BAND.stroke_width(2)));
    chart
        .draw_series(DashedLineSeries::new(
            [(left, KNOWN), (right, KNOWN)],
            8,
            6,
            TRUTH.stroke_width(2),
        ))?
        .label(format!("known: {KNOWN}"))
        .legend(|(x, y)| PathElement::new([(x, y), (x + 24, y)], TRUTH.stroke_width(2)));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .label_font(("sans-serif", 18))
        .draw()?;
    picture.present()?;
    Ok(())
}
