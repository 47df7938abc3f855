/** Places values with limited lives in as little memory as is simple to find. @module */

/** Something that needs room from one step to another. */
export interface Tenant {
  /** Bytes. */
  readonly bytes: number;
  /** First step that touches it. */
  readonly from: number;
  /** Last step that touches it. */
  readonly to: number;
}

/** Offsets of the tenants and the size of the arena. */
export interface Arrangement {
  /** Offset of each tenant, in the order given. */
  readonly offsets: readonly number[];
  /** Bytes in all. */
  readonly bytes: number;
}

/** A cache line: no two tenants share one. */
const ALIGNMENT = 64;

/**
 * Tenants whose lives overlap get room of their own; others may share it. Largest first, each at the lowest
 * offset that is free throughout its life.
 */
export function arrange(tenants: readonly Tenant[]): Arrangement {
  const offsets = new Array<number>(tenants.length).fill(0);
  const placed: number[] = [];
  let bytes = 0;
  const order = tenants.map((_, i) => i).sort((a, b) => tenants[b].bytes - tenants[a].bytes);
  for (const i of order) {
    const { from, to } = tenants[i];
    const neighbours = placed
      .filter((j) => tenants[j].from <= to && from <= tenants[j].to)
      .sort((a, b) => offsets[a] - offsets[b]);
    let offset = 0;
    for (const j of neighbours) {
      if (offset + tenants[i].bytes <= offsets[j]) break;
      offset = Math.max(offset, align(offsets[j] + tenants[j].bytes));
    }
    offsets[i] = offset;
    placed.push(i);
    bytes = Math.max(bytes, align(offset + tenants[i].bytes));
  }
  return { offsets, bytes };
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
