//! What each sign is worth: made by `cargo xtask train headline`, never by hand.

/// In the order of the signs' names.
#[rustfmt::skip]
pub(super) const WEIGHTS: [f32; 78] = [
    1.32, // heading
    0.74, // heading later
    0.34, // second
    -0.78, // second later
    0.36, // part first
    1.93, // part last
    0.96, // linked
    0.33, // microdata
    0.65, // og
    0.36, // meta
    -0.56, // title
    0.58, // segment first
    0.37, // segment last
    -0.34, // segment inner
    0.49, // trimmed
    0.27, // trimmed title
    0.31, // trimmed heading
    -0.06, // named
    2.77, // own link
    0.69, // large
    0.93, // marked heading
    0.33, // marked second
    -1.20, // linked heading
    -1.01, // aside
    -0.98, // after prose
    0.18, // only heading
    -0.06, // agree 2
    0.26, // agree 3
    0.60, // agree 4
    -1.27, // heading+linked
    -0.32, // heading+og
    0.52, // heading+title
    0.15, // og+title
    -0.75, // linked+og
    -1.08, // linked+title
    0.64, // second+linked
    -0.45, // second+og
    1.83, // second+title
    -0.35, // part+linked
    1.18, // part+og
    0.18, // part+title
    0.83, // later+declared
    0.36, // in title
    0.94, // in og
    -0.26, // in linked
    -0.63, // in heading
    -0.65, // holds title
    -1.11, // holds og
    0.05, // holds linked
    -0.32, // holds heading
    -0.48, // starts title
    -1.03, // ends title
    -0.11, // starts heading
    0.71, // ends heading
    1.31, // like title
    1.01, // like og
    1.25, // like linked
    0.82, // like heading
    -1.33, // one word
    -0.89, // two words
    -0.26, // few words
    -0.30, // many words
    1.02, // length
    -0.23, // outlet
    -1.43, // holds outlet
    -0.56, // shouted
    -1.10, // parted
    0.36, // colon
    -0.78, // cut
    0.44, // heading beside linked
    -0.16, // name at its end
    0.29, // sign in heading
    -0.77, // news heading
    1.16, // news og
    1.87, // news linked
    -0.98, // news title
    -0.14, // news second
    0.63, // named in title
];
