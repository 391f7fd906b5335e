//! What each sign is worth: made by `cargo xtask train headline`, never by hand.

/// In the order of the signs' names.
pub(super) const WEIGHTS: [f32; 74] = [
    1.13,  // heading
    0.80,  // heading later
    0.45,  // second
    -0.60, // second later
    0.37,  // part first
    2.08,  // part last
    1.03,  // linked
    0.33,  // microdata
    0.65,  // og
    0.29,  // meta
    -0.35, // title
    0.36,  // segment first
    0.44,  // segment last
    -0.24, // segment inner
    0.52,  // trimmed
    0.30,  // trimmed title
    0.35,  // trimmed heading
    0.82,  // marked heading
    0.57,  // marked second
    -0.71, // linked heading
    -0.99, // aside
    -1.16, // after prose
    0.46,  // only heading
    -0.07, // agree 2
    0.23,  // agree 3
    0.58,  // agree 4
    -1.58, // heading+linked
    0.36,  // heading+og
    0.07,  // heading+title
    -0.02, // og+title
    -0.85, // linked+og
    -0.94, // linked+title
    0.38,  // second+linked
    -0.33, // second+og
    1.72,  // second+title
    -0.43, // part+linked
    1.22,  // part+og
    0.08,  // part+title
    0.82,  // later+declared
    0.51,  // in title
    0.93,  // in og
    -0.32, // in linked
    -0.72, // in heading
    -0.62, // holds title
    -1.07, // holds og
    0.21,  // holds linked
    -0.15, // holds heading
    -0.39, // starts title
    -1.12, // ends title
    -0.11, // starts heading
    0.67,  // ends heading
    1.40,  // like title
    1.08,  // like og
    1.23,  // like linked
    0.97,  // like heading
    -1.44, // one word
    -0.60, // two words
    -0.33, // few words
    -0.34, // many words
    0.60,  // length
    -0.26, // outlet
    -1.43, // holds outlet
    -0.71, // shouted
    -1.15, // parted
    0.39,  // colon
    -0.50, // cut
    0.42,  // heading beside linked
    -0.05, // name at its end
    0.19,  // sign in heading
    -0.73, // news heading
    0.91,  // news og
    1.89,  // news linked
    -0.99, // news title
    -0.19, // news second
];
