//! What each sign is worth: made by `cargo xtask train headline`, never by hand.

/// In the order of the signs' names.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; 78] = [
    1.33, // heading
    0.73, // heading later
    0.33, // second
    -0.79, // second later
    0.36, // part first
    1.92, // part last
    0.95, // linked
    0.33, // microdata
    0.64, // og
    0.36, // meta
    -0.56, // title
    0.47, // segment first
    0.27, // segment last
    -0.34, // segment inner
    0.48, // trimmed
    0.30, // trimmed title
    0.31, // trimmed heading
    -0.02, // named
    2.77, // own link
    0.69, // large
    0.93, // marked heading
    0.33, // marked second
    -1.20, // linked heading
    -1.01, // aside
    -0.98, // after prose
    0.17, // only heading
    -0.07, // agree 2
    0.26, // agree 3
    0.60, // agree 4
    -1.27, // heading+linked
    -0.33, // heading+og
    0.51, // heading+title
    0.15, // og+title
    -0.74, // linked+og
    -1.09, // linked+title
    0.65, // second+linked
    -0.43, // second+og
    1.83, // second+title
    -0.35, // part+linked
    1.19, // part+og
    0.18, // part+title
    0.82, // later+declared
    0.38, // in title
    0.94, // in og
    -0.27, // in linked
    -0.64, // in heading
    -0.64, // holds title
    -1.11, // holds og
    0.05, // holds linked
    -0.30, // holds heading
    -0.42, // starts title
    -1.00, // ends title
    -0.10, // starts heading
    0.70, // ends heading
    1.30, // like title
    1.01, // like og
    1.26, // like linked
    0.81, // like heading
    -1.33, // one word
    -0.90, // two words
    -0.25, // few words
    -0.27, // many words
    1.01, // length
    -0.24, // outlet
    -1.39, // holds outlet
    -0.56, // shouted
    -1.14, // parted
    0.35, // colon
    -0.79, // cut
    0.44, // heading beside linked
    -0.15, // name at its end
    0.27, // sign in heading
    -0.76, // news heading
    1.17, // news og
    1.88, // news linked
    -0.97, // news title
    -0.13, // news second
    0.61, // named in title
];
