/**
 * Writes the register tiles of the kernels that work on tensors of tfjs as they are: pixels one after another,
 * their channels side by side, any number of them.
 *
 * @module
 */

import { lines, range } from "./generate_lines.ts";

/** Rows of a tile; its width is eight columns, two vectors. */
const ROWS = 4;

const accumulators = (): string[] =>
  range(ROWS).flatMap((i) => range(2).map((j) => `    let c${i}_${j} = i32x4.splat(0);`));

/** c[i][j] += a[i] * b[j] with lane `lane` of the vectors `a`. */
function products(a: (row: number) => [string, number], b: string): string[] {
  return range(ROWS).flatMap((i) => {
    const [vector, lane] = a(i);
    return [
      `        const s${b}_${i} = v128.shuffle<f32>(${vector}, ${vector}, ${lane}, ${lane}, ${lane}, ${lane});`,
      ...range(2).map((j) => `        c${i}_${j} = madd(s${b}_${i}, ${b}_${j}, c${i}_${j});`),
    ];
  });
}

/** Both vectors of row `row` of a packed panel. */
const loadB = (name: string, row: number): string[] =>
  range(2).map((j) => `        const ${name}_${j} = v128.load(q, ${row * 32 + j * 16});`);

/** Sums over kernel taps: every tap has four source pixels of its own, which an address list names. */
function rowsByTaps(): string {
  return lines(
    `/**`,
    ` * \`tiles\` tiles of four pixels by eight columns: sums over \`taps\` taps and \`k\` channels. \`sources\` holds`,
    ` * for each tile and tap the addresses of four pixels, \`targets\` for each tile those of four results, to which`,
    ` * \`column\` bytes are added; \`b\` is [taps][k][8].`,
    ` */`,
    `export function rowsByTaps(tiles: i32, taps: i32, k: i32, sources: usize, targets: usize, column: usize, b: usize): void {`,
    `  for (; tiles > 0; tiles--) {`,
    accumulators(),
    `    let q = b;`,
    `    for (let t = taps; t > 0; t--) {`,
    range(ROWS).map((i) => `      let p${i} = <usize>load<u32>(sources, ${i * 4});`),
    `      sources += 16;`,
    `      for (let i = k >> 2; i > 0; i--) {`,
    range(ROWS).map((i) => `        const a${i} = v128.load(p${i});`),
    range(4).flatMap((u) => [...loadB(`b${u}`, u), ...products((i) => [`a${i}`, u], `b${u}`)]),
    `        ${range(ROWS).map((i) => `p${i} += 16;`).join(" ")} q += 128;`,
    `      }`,
    `      for (let i = k & 3; i > 0; i--) {`,
    loadB("b", 0),
    range(ROWS).flatMap((i) => [
      `        const s${i} = v128.load32_splat(p${i});`,
      ...range(2).map((j) => `        c${i}_${j} = madd(s${i}, b_${j}, c${i}_${j});`),
    ]),
    `        ${range(ROWS).map((i) => `p${i} += 4;`).join(" ")} q += 32;`,
    `      }`,
    `    }`,
    range(ROWS).flatMap((i) => [
      `    const d${i} = <usize>load<u32>(targets, ${i * 4}) + column;`,
      ...range(2).map((j) => `    v128.store(d${i}, c${i}_${j}, ${j * 16});`),
    ]),
    `    targets += 16;`,
    `  }`,
    `}`,
  );
}

/** Sums of outer products over pixels. */
function outerTiles(): string {
  return lines(
    `/**`,
    ` * \`panels\` tiles of four rows by eight columns, one below the other: c += a^T * b over \`pixels\` pixels, a`,
    ` * multiple of four. \`a\` is [panels][pixels][4], \`b\` [pixels][8], \`c\` [panels][4][8]. The sum over these`,
    ` * pixels is made first and added then: many short sums round less than a long one.`,
    ` */`,
    `export function outerTiles(panels: i32, pixels: i32, a: usize, b: usize, c: usize): void {`,
    `  for (; panels > 0; panels--) {`,
    accumulators(),
    `    let q = b;`,
    `    for (let i = pixels; i > 0; i -= 4) {`,
    range(4).flatMap((u) => [
      `        const a${u} = v128.load(a, ${u * 16});`,
      ...loadB(`b${u}`, u),
      ...range(ROWS).flatMap((i) => [
        `        const s${u}_${i} = v128.shuffle<f32>(a${u}, a${u}, ${i}, ${i}, ${i}, ${i});`,
        ...range(2).map((j) => `        c${i}_${j} = madd(s${u}_${i}, b${u}_${j}, c${i}_${j});`),
      ]),
    ]),
    `      a += 64; q += 128;`,
    `    }`,
    range(ROWS).flatMap((i) =>
      range(2).map((j) => {
        const at = i * 32 + j * 16;
        return `    v128.store(c, f32x4.add(v128.load(c, ${at}), c${i}_${j}), ${at});`;
      })
    ),
    `    c += 128;`,
    `  }`,
    `}`,
  );
}

/** Gradients of `count` neighbouring taps of one kernel row, eight channels. */
function taps(count: number): string {
  return lines(
    `/** sums[t][8] += x[pixel + t] * dy[pixel] for ${count} tap${
      count > 1 ? "s" : ""
    } over all pixels. */`,
    `export function taps${count}(images: i32, rows: i32, columns: i32,`,
    `    x: usize, xImage: usize, xRow: usize, xColumn: usize, xTap: usize,`,
    `    dy: usize, dyImage: usize, dyRow: usize, dyColumn: usize, sums: usize): void {`,
    range(count).flatMap((t) => range(2).map((j) => `  let s${t}_${j} = i32x4.splat(0);`)),
    `  for (; images > 0; images--) {`,
    `    let xr = x, dyr = dy;`,
    `    for (let y = rows; y > 0; y--) {`,
    `      let p = xr, q = dyr;`,
    `      for (let i = columns; i > 0; i--) {`,
    `        const g0 = v128.load(q), g1 = v128.load(q, 16);`,
    range(count).flatMap((t) => [
      `        const p${t} = ${t === 0 ? "p" : `p${t - 1} + xTap`};`,
      ...range(2).map((j) =>
        `        s${t}_${j} = madd(v128.load(p${t}, ${j * 16}), g${j}, s${t}_${j});`
      ),
    ]),
    `        p += xColumn; q += dyColumn;`,
    `      }`,
    `      xr += xRow; dyr += dyRow;`,
    `    }`,
    `    x += xImage; dy += dyImage;`,
    `  }`,
    range(count).flatMap((t) =>
      range(2).map((j) => {
        const at = t * 32 + j * 16;
        return `  v128.store(sums, f32x4.add(v128.load(sums, ${at}), s${t}_${j}), ${at});`;
      })
    ),
    `}`,
  );
}

/** `assembly/nhwc_tiles.ts` */
export function nhwcTiles(): string {
  return lines(
    `// Generated by generate_nhwc.ts: do not edit.`,
    `import { madd } from "./math";`,
    rowsByTaps(),
    outerTiles(),
    range(5).map((i) => taps(i + 1)),
  );
}
