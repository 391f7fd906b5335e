//! What each sign is worth: made by `cargo xtask train headline`, never by hand.

/// In the order of the signs' names.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; 81] = [
    1.23, // heading
    0.73, // heading later
    0.31, // second
    -0.75, // second later
    0.31, // part first
    2.00, // part last
    1.07, // linked
    0.41, // microdata
    0.75, // og
    0.26, // meta
    -0.55, // title
    0.61, // segment first
    0.50, // segment last
    -0.23, // segment inner
    0.49, // trimmed
    0.30, // trimmed title
    0.29, // trimmed heading
    0.07, // named
    2.55, // own link
    0.39, // large
    0.84, // marked heading
    0.26, // marked second
    -1.17, // linked heading
    -1.02, // aside
    -0.98, // after prose
    0.14, // only heading
    -0.12, // agree 2
    0.28, // agree 3
    0.59, // agree 4
    -1.35, // heading+linked
    -0.27, // heading+og
    0.46, // heading+title
    0.09, // og+title
    -0.71, // linked+og
    -1.15, // linked+title
    0.62, // second+linked
    -0.55, // second+og
    1.78, // second+title
    -0.34, // part+linked
    1.04, // part+og
    0.24, // part+title
    0.62, // later+declared
    0.27, // in title
    0.95, // in og
    -0.32, // in linked
    -0.66, // in heading
    -0.65, // holds title
    -0.93, // holds og
    0.16, // holds linked
    -0.32, // holds heading
    -0.54, // starts title
    -1.03, // ends title
    -0.15, // starts heading
    0.62, // ends heading
    1.00, // like title
    0.92, // like og
    0.95, // like linked
    0.88, // like heading
    -1.15, // one word
    -0.74, // two words
    -0.22, // few words
    -0.26, // many words
    1.02, // length
    -0.08, // outlet
    -1.33, // holds outlet
    -0.47, // shouted
    -1.00, // parted
    0.37, // colon
    -0.72, // cut
    0.52, // heading beside linked
    -0.16, // name at its end
    0.26, // sign in heading
    -0.67, // news heading
    1.14, // news og
    1.84, // news linked
    -0.99, // news title
    -0.05, // news second
    0.58, // named in title
    0.38, // address in it
    0.66, // it in address
    0.35, // most like address
];
