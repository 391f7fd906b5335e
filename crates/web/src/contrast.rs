//! Holds the stylesheet to its word: every text on every ground it stands on, light and dark.

/// Text at 7:1, quiet text at 4.5:1 (WCAG 2.2, 1.4.6 and 1.4.3).
const PAIRS: &[(&str, &str, f64)] = &[
    ("ink", "paper", 7.0),
    ("text", "paper", 7.0),
    ("accent", "paper", 7.0),
    ("warning", "paper", 7.0),
    ("quiet", "paper", 4.5),
    ("ink", "tint", 7.0),
    ("ink", "shade", 7.0),
    ("warning", "shade", 7.0),
    // Buttons and the pill: paper on the accent; the link that skips: paper on ink.
    ("paper", "accent", 7.0),
    ("paper", "ink", 7.0),
];

const STYLE: &str = include_str!("../assets/style.css");

/// The light and the dark colour of a custom property, as OKLCH.
fn colours(name: &str) -> [[f64; 3]; 2] {
    let (_, rest) = STYLE.split_once(&format!("--{name}: light-dark(")).expect(name);
    let (both, _) = rest.split_once(");").expect(name);
    let mut colours = both.split("oklch(").skip(1).map(|colour| {
        let numbers = colour.split([')', '/']).next().unwrap_or_default();
        let mut numbers = numbers.split_whitespace().map(|n| n.parse().expect(name));
        std::array::from_fn(|_| numbers.next().expect(name))
    });
    std::array::from_fn(|_| colours.next().expect(name))
}

/// The relative luminance of an OKLCH colour: OKLab to linear sRGB (Björn Ottosson's matrices),
/// cut to the gamut of a screen, weighed as WCAG weighs it.
fn luminance([lightness, chroma, hue]: [f64; 3]) -> f64 {
    let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    let red = 4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s;
    let green = -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s;
    let blue = -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s;
    0.2126 * red.clamp(0.0, 1.0) + 0.7152 * green.clamp(0.0, 1.0) + 0.0722 * blue.clamp(0.0, 1.0)
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    if a > b { a / b } else { b / a }
}

#[test]
fn every_text_can_be_read_on_its_ground() {
    for (text, ground, least) in PAIRS {
        for (scheme, (text_colour, ground_colour)) in
            ["light", "dark"].iter().zip(colours(text).into_iter().zip(colours(ground)))
        {
            let contrast = contrast(text_colour, ground_colour);
            assert!(contrast >= *least, "{text} on {ground}, {scheme}: {contrast:.2}");
        }
    }
}

#[test]
fn no_colour_stands_outside_the_tokens() {
    let (tokens, rest) = STYLE.split_once("@layer page {").expect("the layers");
    assert!(tokens.contains("oklch("));
    // The pill's shadow is the one exception.
    assert_eq!(rest.matches("oklch(").count(), 1);
    let standalone = include_str!("../assets/standalone.css");
    for other in ["#0", "#f", "rgb(", "hsl("] {
        assert!(!rest.contains(other) && !standalone.contains(other), "{other}");
    }
    assert!(!standalone.contains("oklch("));
}

#[test]
fn the_colour_conversion_is_right() {
    assert!((contrast([1.0, 0.0, 0.0], [0.0, 0.0, 0.0]) - 21.0).abs() < 0.01);
    // #767676, the grey that stands at 4.54 on white.
    assert!((contrast([1.0, 0.0, 0.0], [0.5674, 0.0, 0.0]) - 4.54).abs() < 0.03);
}
