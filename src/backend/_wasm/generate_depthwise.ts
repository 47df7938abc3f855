/**
 * Writes the AssemblyScript of the depthwise convolution's rows and of its gradients, which is all unrolling. V8 keeps
 * the order of the source, so the order written here is the speed.
 *
 * @module
 */

import { lines, range } from "./generate_lines.ts";

/** One output row of a depthwise convolution over a padded plane of eight channels. */
function depthwiseRow(kernel: number, stride: number): string {
  /** `tile` neighbouring outputs of the four channels of `half`. */
  const outputs = (tile: number, half: number): string[] => {
    const columns = (tile - 1) * stride + kernel;
    return [
      ...range(tile).map((t) => `      let a${half}_${t} = bias${half};`),
      `      q = x; f = kernel;`,
      `      for (let ky = ${kernel}; ky > 0; ky--) {`,
      ...range(kernel).map((k) =>
        `        const w${half}_${k} = v128.load(f, ${k * 32 + half * 16});`
      ),
      ...range(columns).flatMap((column) => {
        const uses = range(tile).filter((t) => {
          const k = column - t * stride;
          return k >= 0 && k < kernel;
        });
        if (uses.length === 0) return [];
        return [
          `        const x${half}_${column} = v128.load(q, ${column * 32 + half * 16});`,
          ...uses.map((t) =>
            `        a${half}_${t} = madd(x${half}_${column}, w${half}_${
              column - t * stride
            }, a${half}_${t});`
          ),
        ];
      }),
      `        q += row; f += ${kernel * 32};`,
      `      }`,
      ...range(tile).map((t) => `      v128.store(d, a${half}_${t}, ${t * 32 + half * 16});`),
    ];
  };
  // Both halves of the eight channels, one after the other: eight sums and a kernel row fill the registers.
  const both = (tile: number): string[] => [
    `      let q = x, f = kernel;`,
    ...range(2).flatMap((half) => outputs(tile, half)),
    `      x += ${tile * stride * 32}; d += ${tile * 32};`,
  ];
  return lines(
    `export function row${kernel}s${stride}(x: usize, row: usize, kernel: usize, bias: usize, d: usize, width: i32): void {`,
    `  const bias0 = v128.load(bias), bias1 = v128.load(bias, 16);`,
    `  let left = width;`,
    // As many sevens as leave whole eights; where there is no such number, what is left goes to narrower tiles.
    `  let sevens = -width & 7;`,
    `  if (sevens * 7 <= width) {`,
    `    left -= sevens * 7;`,
    `    for (; sevens > 0; sevens--) {`,
    both(7),
    `    }`,
    `  }`,
    `  for (; left >= 8; left -= 8) {`,
    both(8),
    `  }`,
    `  if (left >= 4) {`,
    both(4),
    `    left -= 4;`,
    `  }`,
    `  if (left == 3) {`,
    both(3),
    `  } else if (left == 2) {`,
    both(2),
    `  } else if (left == 1) {`,
    both(1),
    `  }`,
    `}`,
  );
}

/**
 * One output row of a stride-1 convolution over small planes without borders, `width` columns: only the taps that fall
 * inside, two images at a time to fill the registers. `x` and `kernel` stand on the first of the `rows` rows that do.
 */
function smallRow(kernel: number, width: number): string {
  const reach = (kernel - 1) / 2;
  const taps = range(kernel).filter((k) => Math.abs(k - reach) < width);
  const body = (images: number): string[] =>
    range(2).flatMap((half) => [
      ...range(images).flatMap((i) =>
        range(width).map((t) => `    let a${half}_${i}_${t} = bias${half};`)
      ),
      `    p = x; f = kernel;`,
      `    for (let ky = rows; ky > 0; ky--) {`,
      ...taps.map((k) => `      const w${half}_${k} = v128.load(f, ${k * 32 + half * 16});`),
      ...range(images).flatMap((i) => [
        ...(i === 0 ? [] : [`      const q${half} = p + xImage;`]),
        ...range(width).flatMap((column) => [
          `      const x${half}_${i}_${column} = v128.load(${i === 0 ? "p" : `q${half}`}, ${
            column * 32 + half * 16
          });`,
          ...range(width).flatMap((t) => {
            const k = column - t + reach;
            if (k < 0 || k >= kernel) return [];
            const sum = `a${half}_${i}_${t}`;
            return [`      ${sum} = madd(x${half}_${i}_${column}, w${half}_${k}, ${sum});`];
          }),
        ]),
      ]),
      `      p += ${width * 32}; f += ${kernel * 32};`,
      `    }`,
      ...range(images).flatMap((i) =>
        range(width).map((t) =>
          `    v128.store(d${i === 0 ? "" : " + dImage"}, a${half}_${i}_${t}, ${
            t * 32 + half * 16
          });`
        )
      ),
    ]);
  return lines(
    `export function small${kernel}w${width}(x: usize, xImage: usize, rows: i32, kernel: usize, bias: usize, d: usize, dImage: usize, images: i32): void {`,
    `  const bias0 = v128.load(bias), bias1 = v128.load(bias, 16);`,
    `  let p = x, f = kernel;`,
    `  for (; images >= 2; images -= 2) {`,
    body(2),
    `    x += xImage << 1; d += dImage << 1;`,
    `  }`,
    `  if (images) {`,
    body(1),
    `  }`,
    `}`,
  );
}

/**
 * Gradient of one row of a depthwise kernel from one plane: f[kx] += sum of x[row, column * stride + kx] * y[row, column].
 * `x` stands on the row of the kernel in question; planes may carry borders, so rows have strides of their own.
 */
function filterPlane(kernel: number, stride: number): string {
  const tile = (outputs: number): string[] =>
    range(2).flatMap((half) => [
      ...range(outputs).map((t) =>
        `      const y${half}_${t} = v128.load(q, ${t * 32 + half * 16});`
      ),
      ...range((outputs - 1) * stride + kernel).flatMap((column) => {
        const uses = range(outputs).filter((t) => {
          const k = column - t * stride;
          return k >= 0 && k < kernel;
        });
        if (uses.length === 0) return [];
        return [
          `      const x${half}_${column} = v128.load(p, ${column * 32 + half * 16});`,
          ...uses.map((t) => {
            const sum = `a${half}_${column - t * stride}`;
            return `      ${sum} = madd(x${half}_${column}, y${half}_${t}, ${sum});`;
          }),
        ];
      }),
    ]);
  const sums = (line: (half: number, k: number) => string) =>
    range(2).flatMap((half) => range(kernel).map((k) => line(half, k)));
  return lines(
    `export function filter${kernel}s${stride}(x: usize, xRow: usize, y: usize, yRow: usize, height: i32, width: i32, f: usize): void {`,
    sums((half, k) => `  let a${half}_${k} = v128.load(f, ${k * 32 + half * 16});`),
    `  for (let h = height; h > 0; h--) {`,
    `    let p = x, q = y, left = width;`,
    `    for (; left >= 4; left -= 4) {`,
    tile(4),
    `      p += ${4 * stride * 32}; q += 128;`,
    `    }`,
    `    for (; left > 0; left--) {`,
    tile(1),
    `      p += ${stride * 32}; q += 32;`,
    `    }`,
    `    x += xRow; y += yRow;`,
    `  }`,
    sums((half, k) => `  v128.store(f, a${half}_${k}, ${k * 32 + half * 16});`),
    `}`,
  );
}

/**
 * Gradient of the input of a stride-2 depthwise convolution, pairs of columns of one row: the first of a pair meets
 * the even columns of the kernel, the second the odd ones. `taps` rows of the kernel, two apart, meet rows of y that
 * lie one above the other.
 */
function backRow(kernel: number): string {
  const pairs = (count: number): string[] =>
    range(2).flatMap((half) => [
      ...range(kernel).map((k) =>
        `        const w${half}_${k} = v128.load(g, ${k * 32 + half * 16});`
      ),
      // Column `c` of y stands c - reach to the right of the first pair's own.
      ...range(count + (kernel - 1) / 2).flatMap((c) => {
        const offset = c - (kernel - 1) / 2;
        const at = offset * 32 + half * 16;
        return [
          `        const y${half}_${c} = v128.load(${at < 0 ? `q - ${-at}` : `q, ${at}`});`,
          ...range(count).flatMap((t) =>
            range(2).flatMap((odd) => {
              const k = (t - offset) * 2 + odd;
              if (k < 0 || k >= kernel) return [];
              const sum = `a${half}_${t}_${odd}`;
              return [`        ${sum} = madd(y${half}_${c}, w${half}_${k}, ${sum});`];
            })
          ),
        ];
      }),
    ]);
  const body = (count: number): string[] => [
    ...range(2).flatMap((half) =>
      range(count).flatMap((t) =>
        range(2).map((odd) => `      let a${half}_${t}_${odd} = i32x4.splat(0);`)
      )
    ),
    `      let q = y, g = f;`,
    `      for (let k = taps; k > 0; k--) {`,
    ...pairs(count),
    `        q -= yRow; g += ${kernel * 64};`,
    `      }`,
    ...range(count).flatMap((t) =>
      range(2).flatMap((odd) =>
        range(2).map((half) =>
          `      v128.store(d, a${half}_${t}_${odd}, ${t * 64 + odd * 32 + half * 16});`
        )
      )
    ),
    `      y += ${count * 32}; d += ${count * 64};`,
  ];
  return lines(
    `export function back${kernel}(y: usize, yRow: usize, taps: i32, f: usize, d: usize, pairs: i32): void {`,
    `  for (; pairs >= 2; pairs -= 2) {`,
    body(2),
    `  }`,
    `  if (pairs) {`,
    body(1),
    `  }`,
    `}`,
  );
}

/** `assembly/depthwise_rows.ts` */
export function depthwiseRows(): string {
  return lines(
    `// Generated by generate_depthwise.ts: do not edit.`,
    `import { madd } from "./math";`,
    [3, 5].flatMap((kernel) => [1, 2].map((stride) => depthwiseRow(kernel, stride))),
    [3, 5].flatMap((kernel) => [2, 3, 4].map((width) => smallRow(kernel, width))),
    [3, 5].flatMap((kernel) => [1, 2].map((stride) => filterPlane(kernel, stride))),
    [3, 5].map(backRow),
  );
}
