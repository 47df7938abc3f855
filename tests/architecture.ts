/** What may import what; used by architecture_test.ts. @module */

/** Height of each room; an import goes to the same room or to a lower one, never to a neighbour. */
export const LAYERS: Readonly<Record<string, number>> = {
  core: 0,
  weights: 1,
  data: 1,
  backend: 1,
  model: 2,
  evaluate: 3,
  report: 3,
  train: 4,
  audit: 5,
  store: 5,
  classifier: 6,
  insight: 7,
  serve: 7,
  cli: 8,
  // mod.ts re-exports any room but cli.
  "mod.ts": 8,
};

/** Module path -> its imports; `path` is absent for what lies outside of the project, `later` set where it is not loaded at once. */
export type ModuleGraph = ReadonlyMap<
  string,
  readonly { readonly specifier: string; readonly path?: string; readonly later?: boolean }[]
>;

/** Whether a specifier names a package rather than a file of ours or a module of the runtime. */
export function isThirdParty(specifier: string): boolean {
  return !/^(\.{1,2}\/|node:|file:|data:)/.test(specifier);
}

/** One line for each import that breaks the order; none for a sound graph. */
export function problemsOf(graph: ModuleGraph): string[] {
  const problems: string[] = [];
  for (const [path, imports] of graph) {
    if (isDeps(path)) continue;
    const room = roomOf(path);
    if (room === undefined) {
      problems.push(`${path} lies in no room`);
      continue;
    }
    for (const { specifier, path: target } of imports) {
      if (isThirdParty(specifier)) {
        problems.push(`${path} names the package ${specifier}: put it into src/deps.ts`);
      }
      if (target === undefined || isDeps(target)) continue;
      const targetRoom = roomOf(target);
      if (targetRoom === undefined || targetRoom === room) continue;
      if (LAYERS[targetRoom] >= LAYERS[room]) {
        problems.push(`${path} imports ${target}: ${room} may not import ${targetRoom}`);
      }
    }
  }
  return [...problems, ...cyclesOf(graph)];
}

/** What any room may import: the file that names the packages, the stand-ins for some of them, and the embedded weights. */
function isDeps(path: string): boolean {
  return path === "src/deps.ts" || path === "weights/starter.json" || path.startsWith("offline/");
}

function roomOf(path: string): string | undefined {
  if (path === "cli.ts") return "cli";
  if (path === "mod.ts") return "mod.ts";
  const room = path.match(/^src\/([^/]+)\//)?.[1];
  return room !== undefined && room in LAYERS ? room : undefined;
}

/** Each cycle that a depth-first walk closes, as `a -> b -> a`. */
function cyclesOf(graph: ModuleGraph): string[] {
  const cycles: string[] = [];
  const finished = new Set<string>();
  const walk = (path: string, trail: string[]) => {
    if (finished.has(path)) return;
    const from = trail.indexOf(path);
    if (from !== -1) {
      cycles.push(`import cycle: ${[...trail.slice(from), path].join(" -> ")}`);
      return;
    }
    for (const { path: target } of graph.get(path) ?? []) {
      if (target !== undefined) walk(target, [...trail, path]);
    }
    finished.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return cycles;
}
