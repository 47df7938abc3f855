// graft's own kernels for pictures: ordinary JPEG files, and resizing as PIL does it.
export { components, decode, height, parse, planeBytes, width } from "./jpeg";
export { resizeColumns, resizeGreyRows, resizeRows } from "./resize";

/** The first address that nothing in here uses. */
export function base(): usize {
  return (__heap_base + 15) & ~15;
}
