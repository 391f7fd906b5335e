//! polite fetching, conditional GET, discovery, the timetable
