/** Runtimes from the npm registry, for tests that run in them. @module */

const INSTALLED = new Map<string, Promise<string | undefined>>();

/**
 * Installs a package of programs once and keeps it for later runs of the suite.
 *
 * @param program Name of a program in it.
 * @returns Path of the program; undefined, said loudly, where the registry does not answer.
 */
export function installed(specifier: string, program: string): Promise<string | undefined> {
  let path = INSTALLED.get(specifier);
  if (path === undefined) INSTALLED.set(specifier, path = install(specifier, program));
  return path;
}

async function install(specifier: string, program: string): Promise<string | undefined> {
  const base = Deno.env.get("TMPDIR") ?? "/tmp";
  const folder = `${base}/graft-runtimes/${specifier.replace(/[^\w.-]/g, "_")}`;
  const path = `${folder}/node_modules/.bin/${program}`;
  if (await exists(path)) return path;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/package.json`, '{"private":true}');
  const failed = (why: unknown) => {
    console.error(`%cskipped: ${specifier} cannot be installed: ${why}`, "color: yellow");
    return undefined;
  };
  try {
    const { success, stderr } = await new Deno.Command("npm", {
      args: ["install", "--no-audit", "--no-fund", specifier],
      cwd: folder,
      stdin: "null",
    }).output();
    if (!success) return failed(new TextDecoder().decode(stderr).trim().split("\n").at(-1));
  } catch (error) {
    return failed(error);
  }
  return await exists(path) ? path : failed(`it has no ${program}`);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
