/**
 * Writes the AssemblyScript of the GEMM's register tiles, which is all unrolling. V8 keeps the order of the source, so
 * the order written here is the speed.
 *
 * @module
 */

import { lines, range } from "./generate_lines.ts";

/** Plain sums, or sums plus what the block's input brings. */
const TILES = ["Linear", "Residual"] as const;

/** What is stored for one accumulator. */
function stored(kind: (typeof TILES)[number], row: number, half: number): string {
  const sum = `c${row}_${half}`;
  if (kind === "Linear") return sum;
  return `f32x4.add(${sum}, v128.load(residual, ${row * 32 + half * 16}))`;
}

/**
 * `name` = lane `lane` of the vector `from`, in all four lanes. The fourth is loaded once more, from `pointer` + `at`
 * where the vector lies: that access ends where the vector's ended, so V8 knows its bounds already, and it takes a load
 * rather than the ports of the multiply-adds, which shuffles share (6 to 10 % of the tile's speed).
 */
function broadcast(name: string, from: string, lane: number, pointer: string, at: number): string {
  return lane === 3
    ? `    const ${name} = v128.load32_splat(${pointer}, ${at + 12});`
    : `    const ${name} = v128.shuffle<f32>(${from}, ${from}, ${lane}, ${lane}, ${lane}, ${lane});`;
}

/**
 * The inner loop of a tile: `rows` rows by 8 output channels over all of K, from `p` and `q`. The pointers move on
 * often, so that few offsets occur: five bounds of memory, one for each, stay in registers (see `gemmRows`).
 */
function gemmSums(rows: number): string[] {
  const body: string[] = [];
  // Eight k per panel of A: two halves of four, each loaded once per row and broadcast lane by lane.
  for (const half of range(2)) {
    for (const i of range(rows)) {
      body.push(`    const a${half}_${i} = v128.load(p, ${i * 32});`);
    }
    for (const u of range(4)) {
      const k = half * 4 + u;
      for (const j of range(2)) {
        body.push(`    const b${k}_${j} = v128.load(q, ${j * 16});`);
      }
      for (const i of range(rows)) {
        body.push(broadcast(`s${k}_${i}`, `a${half}_${i}`, u, "p", i * 32));
        for (const j of range(2)) {
          body.push(`    c${i}_${j} = madd(s${k}_${i}, b${k}_${j}, c${i}_${j});`);
        }
      }
      body.push(`    q += 32;`);
    }
    body.push(half === 0 ? `    p += 16;` : `    p += toNext;`);
  }
  return [
    ...range(rows).flatMap((i) => range(2).map((j) => `  let c${i}_${j} = bias${j};`)),
    `  let p = a, q = b;`,
    `  for (let k = kPanels; k > 0; k--) {`,
    ...body,
    `  }`,
  ];
}

const START = [
  `  const bias0 = v128.load(bias), bias1 = v128.load(bias, 16);`,
  `  const toNext = aPanel - 16;`,
];

/** One tile of one to three rows: the last of a block. */
function gemmTile(rows: number, kind: (typeof TILES)[number]): string {
  return lines(
    `export function tile${rows}${kind}(kPanels: i32, a: usize, aPanel: usize, b: usize, bias: usize,`,
    `    d: usize, residual: usize): void {`,
    START,
    gemmSums(rows),
    range(rows).flatMap((i) =>
      range(2).map((j) => `  v128.store(d, ${stored(kind, i, j)}, ${i * 32 + j * 16});`)
    ),
    `}`,
  );
}

/**
 * `tiles` tiles of four rows, one below the other, at least one. V8 checks an access against the memory's size less the
 * offset at which it ends, and computes that at every access anew unless an access before the loop had the same offset:
 * the loads before it are there for that, those of the bias among them.
 */
function gemmRows(kind: (typeof TILES)[number]): string {
  return lines(
    `export function rows${kind}(tiles: i32, kPanels: i32, a: usize, aPanel: usize, b: usize, bias: usize,`,
    `    d: usize, residual: usize): void {`,
    START,
    range(3).map((i) => `  v128.load(a, ${(i + 1) * 32});`),
    `  for (; tiles > 0; tiles--) {`,
    gemmSums(4),
    range(4).flatMap((i) =>
      range(2).map((j) => `  v128.store(d, ${stored(kind, i, j)}, ${i * 32 + j * 16});`)
    ),
    `  a += 128; d += 128;${kind === "Residual" ? " residual += 128;" : ""}`,
    `  }`,
    `}`,
  );
}

/**
 * Four columns of x by eight of y, summed over the rows: a tile of a weight's gradient. `more` adds to what is there.
 * Two rows a turn: the sums of a block are few enough that floats keep their digits.
 */
function outerTile(): string {
  const turn = (row: number): string[] => [
    `    const a${row} = v128.load(x, ${row * 32});`,
    ...range(2).map((j) => `    const b${row}_${j} = v128.load(y, ${row * 32 + j * 16});`),
    ...range(4).flatMap((i) => [
      broadcast(`s${row}_${i}`, `a${row}`, i, "x", row * 32),
      ...range(2).map((j) => `    c${i}_${j} = madd(s${row}_${i}, b${row}_${j}, c${i}_${j});`),
    ]),
  ];
  const each = (line: (i: number, j: number) => string) =>
    range(4).flatMap((i) => range(2).map((j) => line(i, j)));
  return lines(
    `export function outer(rows: i32, x: usize, y: usize, c: usize, more: bool): void {`,
    each((i, j) => `  let c${i}_${j} = i32x4.splat(0);`),
    `  for (; rows >= 2; rows -= 2) {`,
    turn(0),
    turn(1),
    `    x += 64; y += 64;`,
    `  }`,
    `  if (rows) {`,
    turn(0),
    `  }`,
    `  if (more) {`,
    each((i, j) => `    c${i}_${j} = f32x4.add(c${i}_${j}, v128.load(c, ${i * 32 + j * 16}));`),
    `  }`,
    each((i, j) => `  v128.store(c, c${i}_${j}, ${i * 32 + j * 16});`),
    `}`,
  );
}

/** `assembly/gemm_tiles.ts` */
export function gemmTiles(): string {
  return lines(
    `// Generated by generate_gemm.ts: do not edit.`,
    `import { madd } from "./math";`,
    TILES.map((kind) => gemmRows(kind)),
    TILES.flatMap((kind) => range(3).map((r) => gemmTile(r + 1, kind))),
    outerTile(),
  );
}
