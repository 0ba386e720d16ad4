//! Text and positions, against a model that counts characters one by one.

use proptest::prelude::*;
use shipworthy_syntax::{Encoding, Position, Range, Text};

const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

fn width(character: char, encoding: Encoding) -> u32 {
    match encoding {
        Encoding::Utf8 => character.len_utf8() as u32,
        Encoding::Utf16 => character.len_utf16() as u32,
        Encoding::Utf32 => 1,
    }
}

/// Where each line starts, and where its content ends.
fn lines(text: &str) -> Vec<(usize, usize)> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        if character == '\n' || character == '\r' {
            lines.push((start, at));
            start = at + 1;
            if character == '\r' && rest.next_if(|next| next.1 == '\n').is_some() {
                start += 1;
            }
        }
    }
    lines.push((start, text.len()));
    lines
}

/// Every offset of a character and its position; between `\r` and `\n` there is none.
fn positions(text: &str, encoding: Encoding) -> Vec<(u32, Position)> {
    let mut positions = Vec::new();
    for (line, (start, end)) in lines(text).into_iter().enumerate() {
        let mut column = 0;
        for (at, character) in text[start..end].char_indices() {
            positions.push(((start + at) as u32, Position::new(line as u32, column)));
            column += width(character, encoding);
        }
        positions.push((end as u32, Position::new(line as u32, column)));
    }
    positions
}

/// Text with everything that lines and columns depend on, and what they must not depend on.
fn texts() -> impl Strategy<Value = String> {
    const PIECES: [&str; 13] =
        ["a", "é", "世", "🦀", "\n", "\r\n", "\r", "\u{feff}", "\u{2028}", "\u{85}", "\x0b", "\x0c", "b\tc"];
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn positions_and_offsets_are_inverse(text in texts()) {
        let rope = Text::new(&text);
        for encoding in ENCODINGS {
            for (offset, position) in positions(&text, encoding) {
                prop_assert_eq!(rope.position(offset, encoding), position);
                prop_assert_eq!(rope.offset(position, encoding), offset);
                prop_assert_eq!(rope.line_of(offset), position.line);
            }
        }
    }

    #[test]
    fn lines_end_where_the_protocol_says(text in texts()) {
        let rope = Text::new(&text);
        let lines = lines(&text);
        prop_assert_eq!(rope.line_count() as usize, lines.len());
        for (line, (start, end)) in lines.into_iter().enumerate() {
            prop_assert_eq!(rope.line_start(line as u32) as usize, start);
            prop_assert_eq!(rope.line_range(line as u32), Range::from(start..end));
        }
    }

    #[test]
    fn no_offset_and_no_position_is_too_far(text in texts(), at in 0..200_u32, line in 0..50_u32, column in 0..50_u32) {
        let rope = Text::new(&text);
        for encoding in ENCODINGS {
            let offset = rope.offset(Position::new(line, column), encoding);
            prop_assert!(text.is_char_boundary(offset as usize));
            let position = rope.position(offset, encoding);
            let (last, _) = *lines(&text).last().unwrap();
            prop_assert_eq!(position.line, line.min(rope.line_of(last as u32)));
            prop_assert!(position.column <= column || line > position.line);
            rope.position(at, encoding);
        }
        rope.line_of(at);
        rope.line_start(at);
    }

    #[test]
    fn replacing_does_what_it_does_to_a_string(text in texts(), start in 0..120_u32, length in 0..40_u32, new in texts()) {
        let mut rope = Text::new(&text);
        let range = rope.clamp(Range::new(start, start + length));
        let bytes = std::ops::Range::<usize>::from(range);
        prop_assert_eq!(rope.slice(range), &text[bytes.clone()]);
        let mut model = text.clone();
        model.replace_range(bytes, &new);
        rope.replace(Range::new(start, start + length), &new);
        prop_assert_eq!(rope.to_string(), &*model);
        prop_assert_eq!(rope.len() as usize, model.len());
        prop_assert_eq!(rope.line_count() as usize, lines(&model).len());
    }
}

#[test]
fn a_column_past_the_line_is_its_end_before_the_break() {
    let text = Text::new("ab\r\ncd");
    for encoding in ENCODINGS {
        assert_eq!(text.offset(Position::new(0, 9), encoding), 2);
        assert_eq!(text.offset(Position::new(1, 9), encoding), 6);
        assert_eq!(text.offset(Position::new(2, 0), encoding), 6);
        assert_eq!(text.offset(Position::new(u32::MAX, u32::MAX), encoding), 6);
        assert_eq!(
            text.position(3, encoding),
            Position::new(0, 2),
            "between the carriage return and the line feed"
        );
        assert_eq!(text.position(99, encoding), Position::new(1, 2));
    }
}

#[test]
fn a_column_inside_a_character_is_its_start() {
    let text = Text::new("é🦀x");
    assert_eq!(text.offset(Position::new(0, 1), Encoding::Utf8), 0);
    assert_eq!(text.offset(Position::new(0, 5), Encoding::Utf8), 2);
    assert_eq!(text.offset(Position::new(0, 2), Encoding::Utf16), 2, "between two surrogates");
    assert_eq!(text.offset(Position::new(0, 3), Encoding::Utf16), 6);
    assert_eq!(text.offset(Position::new(0, 2), Encoding::Utf32), 6);
    assert_eq!(text.position(4, Encoding::Utf16), Position::new(0, 1));
}

#[test]
fn a_byte_order_mark_is_a_character() {
    let text = Text::new("\u{feff}x");
    assert_eq!(text.position(3, Encoding::Utf16), Position::new(0, 1));
    assert_eq!(text.position(3, Encoding::Utf8), Position::new(0, 3));
}
