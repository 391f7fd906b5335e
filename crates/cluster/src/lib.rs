//! copies of one dispatch; dispatches of one story
