//! What each sign is worth: made by `cargo xtask train headline`, never by hand.

/// In the order of the signs' names.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; 78] = [
    1.33, // heading
    0.75, // heading later
    0.33, // second
    -0.79, // second later
    0.34, // part first
    1.88, // part last
    0.97, // linked
    0.34, // microdata
    0.66, // og
    0.38, // meta
    -0.44, // title
    0.50, // segment first
    0.26, // segment last
    -0.26, // segment inner
    0.48, // trimmed
    0.29, // trimmed title
    0.31, // trimmed heading
    0.03, // named
    2.75, // own link
    0.72, // large
    0.93, // marked heading
    0.34, // marked second
    -1.17, // linked heading
    -1.00, // aside
    -0.96, // after prose
    0.18, // only heading
    -0.10, // agree 2
    0.22, // agree 3
    0.59, // agree 4
    -1.25, // heading+linked
    -0.32, // heading+og
    0.44, // heading+title
    0.07, // og+title
    -0.72, // linked+og
    -1.13, // linked+title
    0.66, // second+linked
    -0.40, // second+og
    1.76, // second+title
    -0.36, // part+linked
    1.19, // part+og
    0.17, // part+title
    0.82, // later+declared
    0.35, // in title
    0.94, // in og
    -0.26, // in linked
    -0.63, // in heading
    -0.61, // holds title
    -1.11, // holds og
    0.04, // holds linked
    -0.27, // holds heading
    -0.44, // starts title
    -1.00, // ends title
    -0.11, // starts heading
    0.73, // ends heading
    1.38, // like title
    1.02, // like og
    1.24, // like linked
    0.82, // like heading
    -1.33, // one word
    -0.90, // two words
    -0.26, // few words
    -0.22, // many words
    0.92, // length
    -0.24, // outlet
    -1.40, // holds outlet
    -0.57, // shouted
    -1.15, // parted
    0.31, // colon
    -0.79, // cut
    0.46, // heading beside linked
    -0.15, // name at its end
    0.29, // sign in heading
    -0.76, // news heading
    1.16, // news og
    1.87, // news linked
    -0.96, // news title
    -0.11, // news second
    0.57, // named in title
];
