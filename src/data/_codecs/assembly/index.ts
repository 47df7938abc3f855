// graft's own kernels for images: JPEG and PNG files, and resizing as PIL does it.
export { setFrame, setPart, setQuantization, setTable } from "./frame";
export { render, scratchBytes } from "./image";
export { inflate, inflated } from "./inflate";
export { decode, height, planeBytes, scale, width } from "./jpeg";
export { expand, filtersAreKnown, setRows, unfilter } from "./png";
export { resizeColumns, resizeGreyRows, resizeRows } from "./resize";
export { readScan } from "./scans";

/** The first address that nothing in here uses. */
export function base(): usize {
  return (__heap_base + 15) & ~15;
}
