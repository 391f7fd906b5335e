//! What each sign is worth: made by `cargo xtask train headline`, never by hand.

/// In the order of the signs' names.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; 77] = [
    1.25, // heading
    0.77, // heading later
    0.36, // second
    -0.75, // second later
    0.35, // part first
    1.88, // part last
    0.97, // linked
    0.33, // microdata
    0.68, // og
    0.36, // meta
    -0.43, // title
    0.52, // segment first
    0.28, // segment last
    -0.27, // segment inner
    0.50, // trimmed
    0.29, // trimmed title
    0.30, // trimmed heading
    0.14, // named
    2.75, // own link
    0.94, // marked heading
    0.33, // marked second
    -1.18, // linked heading
    -0.99, // aside
    -0.99, // after prose
    0.24, // only heading
    -0.10, // agree 2
    0.20, // agree 3
    0.58, // agree 4
    -1.25, // heading+linked
    -0.33, // heading+og
    0.44, // heading+title
    0.07, // og+title
    -0.72, // linked+og
    -1.14, // linked+title
    0.65, // second+linked
    -0.40, // second+og
    1.74, // second+title
    -0.36, // part+linked
    1.17, // part+og
    0.18, // part+title
    0.82, // later+declared
    0.35, // in title
    0.96, // in og
    -0.27, // in linked
    -0.64, // in heading
    -0.61, // holds title
    -1.11, // holds og
    0.03, // holds linked
    -0.29, // holds heading
    -0.44, // starts title
    -1.00, // ends title
    -0.11, // starts heading
    0.73, // ends heading
    1.35, // like title
    0.99, // like og
    1.25, // like linked
    0.87, // like heading
    -1.33, // one word
    -0.90, // two words
    -0.27, // few words
    -0.23, // many words
    0.93, // length
    -0.23, // outlet
    -1.40, // holds outlet
    -0.56, // shouted
    -1.15, // parted
    0.31, // colon
    -0.79, // cut
    0.46, // heading beside linked
    -0.15, // name at its end
    0.29, // sign in heading
    -0.75, // news heading
    1.16, // news og
    1.88, // news linked
    -0.96, // news title
    -0.12, // news second
    0.49, // named in title
];
