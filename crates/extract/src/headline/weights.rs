//! What each sign is worth: made by `cargo xtask train headline`, never by hand.

/// In the order of the signs' names.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; 74] = [
    1.17, // heading
    0.79, // heading later
    0.42, // second
    -0.64, // second later
    0.38, // part first
    2.10, // part last
    1.02, // linked
    0.31, // microdata
    0.67, // og
    0.29, // meta
    -0.41, // title
    0.36, // segment first
    0.36, // segment last
    -0.27, // segment inner
    0.53, // trimmed
    0.30, // trimmed title
    0.38, // trimmed heading
    0.82, // marked heading
    0.57, // marked second
    -0.76, // linked heading
    -1.02, // aside
    -1.10, // after prose
    0.39, // only heading
    -0.04, // agree 2
    0.25, // agree 3
    0.58, // agree 4
    -1.56, // heading+linked
    0.31, // heading+og
    0.09, // heading+title
    0.02, // og+title
    -0.88, // linked+og
    -0.93, // linked+title
    0.36, // second+linked
    -0.34, // second+og
    1.74, // second+title
    -0.47, // part+linked
    1.20, // part+og
    0.07, // part+title
    0.82, // later+declared
    0.58, // in title
    0.94, // in og
    -0.35, // in linked
    -0.75, // in heading
    -0.62, // holds title
    -1.08, // holds og
    0.09, // holds linked
    -0.18, // holds heading
    -0.44, // starts title
    -1.01, // ends title
    -0.09, // starts heading
    0.64, // ends heading
    1.44, // like title
    1.02, // like og
    1.27, // like linked
    0.99, // like heading
    -1.45, // one word
    -0.62, // two words
    -0.36, // few words
    -0.35, // many words
    0.63, // length
    -0.33, // outlet
    -1.42, // holds outlet
    -0.69, // shouted
    -1.15, // parted
    0.39, // colon
    -0.50, // cut
    0.43, // heading beside linked
    -0.04, // name at its end
    0.23, // sign in heading
    -0.73, // news heading
    0.92, // news og
    1.87, // news linked
    -0.96, // news title
    -0.17, // news second
];
