// The exports of graft's kernels. The module owns no memory: no managed objects, no data, no shadow stack.

export { fused } from "./math";
export { packCodes, packFloats } from "./pack";
export { run } from "./plan";
export { launch, shutdown, threadFunction } from "./pool";
