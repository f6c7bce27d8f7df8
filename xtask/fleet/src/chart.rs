//! The picture: three panels under one legend, on a ground of its own, so that it can be read on a light
//! page and on a dark one.

use std::cmp::Reverse;
use std::ops::Range;
use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::coord::ranged1d::ValueFormatter;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::client::Kind;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b, Y> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, Y>>;
type Painted = std::result::Result<(), Box<dyn std::error::Error>>;

const SIZE: (u32, u32) = (880, 980);
const LEGEND: u32 = 48;
const INK: RGBColor = RGBColor(31, 35, 40);
const FAINT: RGBColor = RGBColor(208, 215, 222);

/// Draws the panels, from top to bottom.
pub(crate) fn draw(path: &Path, panels: [Panel; 3]) -> Result<()> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    paint(&root, panels).map_err(|error| anyhow!("{error}"))
}

fn paint(root: &Area<'_>, panels: [Panel; 3]) -> Painted {
    root.fill(&WHITE)?;
    let (top, rest) = root.split_vertically(LEGEND);
    legend(&top)?;
    let areas = rest.split_evenly((3, 1));
    for (area, panel) in areas.iter().zip(panels) {
        panel.paint(area)?;
    }
    root.present()?;
    Ok(())
}

/// One picture of the three.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) x_label: &'static str,
    pub(crate) y_label: &'static str,
    pub(crate) x: Range<f64>,
    pub(crate) y: Range<f64>,
    /// A logarithmic scale shows what is ten times as much as ten times as much.
    pub(crate) is_logarithmic: bool,
    /// From when to when the endpoint is down.
    pub(crate) shade: Option<Range<f64>>,
    /// What the endpoint can serve.
    pub(crate) limit: Option<f64>,
    pub(crate) lines: Vec<(Kind, Vec<(f64, f64)>)>,
}

impl Panel {
    fn paint(self, area: &Area<'_>) -> Painted {
        let mut chart = ChartBuilder::on(area);
        chart
            .caption(&self.title, ("sans-serif", 18).into_font().color(&INK))
            .margin_left(8)
            .margin_right(20)
            .margin_bottom(6)
            .x_label_area_size(44)
            .y_label_area_size(74);
        let (x, y) = (self.x.clone(), self.y.clone());
        if self.is_logarithmic {
            self.fill(chart.build_cartesian_2d(x, y.log_scale())?)
        } else {
            self.fill(chart.build_cartesian_2d(x, y)?)
        }
    }

    fn fill<Y>(self, mut chart: Chart<'_, '_, Y>) -> Painted
    where
        Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        if let Some(Range { start, end }) = self.shade {
            let corners = [(start, self.y.start), (end, self.y.end)];
            chart.draw_series([Rectangle::new(corners, FAINT.mix(0.5).filled())])?;
        }
        let font = ("sans-serif", 15).into_font().color(&INK);
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(FAINT)
            .axis_style(INK)
            .label_style(font.clone())
            .axis_desc_style(font.clone())
            .x_desc(self.x_label)
            .y_desc(self.y_label)
            .x_labels(13)
            .y_labels(5)
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&|y| crate::table::grouped(*y as u64))
            .draw()?;
        if let Some(limit) = self.limit {
            let ends = [(self.x.start, limit), (self.x.end, limit)];
            chart.draw_series(DashedLineSeries::new(ends, 6, 5, INK.stroke_width(1)))?;
            let corner = font.pos(Pos::new(HPos::Right, VPos::Bottom));
            let text = Text::new("what the endpoint can serve", (self.x.end, limit), corner);
            chart.draw_series([text])?;
        }
        let mut lines = self.lines;
        lines.sort_by_key(|(kind, _)| Reverse(width(*kind)));
        for (kind, points) in lines {
            chart.draw_series(LineSeries::new(points, style(kind)))?;
        }
        Ok(())
    }
}

/// Colours that people who see fewer of them can tell apart (Okabe and Ito 2008).
const fn colour(kind: Kind) -> RGBColor {
    match kind {
        Kind::Plain => RGBColor(213, 94, 0),
        Kind::WithoutBackoff => RGBColor(230, 159, 0),
        Kind::WithoutJitter => RGBColor(86, 180, 233),
        Kind::Hallpass => RGBColor(0, 130, 95),
    }
}

/// Where two do the same, the wider line shows on both sides of the other.
const fn width(kind: Kind) -> u32 {
    match kind {
        Kind::Plain => 6,
        Kind::Hallpass => 5,
        Kind::WithoutBackoff | Kind::WithoutJitter => 2,
    }
}

fn style(kind: Kind) -> ShapeStyle {
    colour(kind).stroke_width(width(kind))
}

fn legend(area: &Area<'_>) -> Painted {
    let font = ("sans-serif", 16).into_font().color(&INK);
    let (mut x, y) = (74, 26);
    for kind in Kind::ALL {
        area.draw(&PathElement::new(vec![(x, y), (x + 28, y)], style(kind)))?;
        area.draw(&Text::new(kind.name(), (x + 36, y - 8), font.clone()))?;
        x += 200;
    }
    Ok(())
}
