// The codes of the ten digits that the output of LeNet-5 of 1998 measures distances to: bitmaps of 7x12 pixels, drawn for this file.

const zeroToFour = `
....... ....... ....... ....... .......
..###.. ...#... .#####. ####### .....#.
.#...#. ..##... #.....# .....#. ....##.
#.....# .#.#... ......# ....#.. ...#.#.
#.....# ...#... ......# ...#... ..#..#.
#.....# ...#... .....#. ..####. .#...#.
#.....# ...#... ....#.. ......# #....#.
#.....# ...#... ...#... ......# #######
#.....# ...#... ..#.... ......# .....#.
.#...#. ...#... .#..... #.....# .....#.
..###.. .#####. ####### .#####. .....#.
....... ....... ....... ....... .......
`;

const fiveToNine = `
....... ....... ....... ....... .......
####### ...###. ####### ..###.. .####..
#...... ..#.... ......# .#...#. #....#.
#...... .#..... .....#. #.....# #.....#
#...... #...... .....#. .#...#. #.....#
######. #.####. ....#.. ..###.. #....##
......# ##....# ....#.. .#...#. .####.#
......# #.....# ...#... #.....# ......#
......# #.....# ...#... #.....# .....#.
#.....# .#....# ..#.... .#...#. ....#..
.#####. ..####. ..#.... ..###.. .###...
....... ....... ....... ....... .......
`;

/** The pixels of each digit of a drawing: ink is +1, paper is -1. */
function pixelsOf(drawing: string): number[] {
  const rows = drawing.trim().split("\n");
  return [0, 1, 2, 3, 4].flatMap((place) =>
    rows.flatMap((row) => Array.from(row.slice(8 * place, 8 * place + 7), (pixel) => (pixel === "#" ? 1 : -1))),
  );
}

/** 84 numbers for each digit from 0 to 9, one row of pixels after the other. */
export function digitCodes(): number[] {
  return [zeroToFour, fiveToNine].flatMap(pixelsOf);
}
