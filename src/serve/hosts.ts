/** Hosts that a request may be meant for. @module */

import { UserError } from "../core/errors.ts";
import { quoted } from "../core/quoted.ts";
import { Problem } from "./problem.ts";

/** Host and port as RFC 9112 (3.2) has them in a `Host` header: no user, path, space or control character. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::\d*)?$/i;

/** 127.0.0.0/8 after `URL` has normalised the address. */
const LOOPBACK = /^127(?:\.\d+){3}$/;

/** Checks requests; see {@linkcode hostRule}. */
export type HostRule = (request: Request) => URL;

/**
 * A check of what a request is addressed to.
 *
 * A page whose name is made to point at this machine (DNS rebinding) sends its own name as the host: it is refused where hosts are named.
 *
 * @param allowed Host names and addresses without port, compared as `URL` normalises them. `localhost` stands for this machine by any of
 * its loopback names: `localhost`, `*.localhost`, 127.x.x.x, `[::1]`. `*` allows any host, as does `undefined`.
 * @returns What gives the request's address; it throws a `Problem` when that is invalid, or its host is not allowed.
 * @throws {UserError} When one of `allowed` is not a host.
 *
 * @example
 * ```ts
 * import { hostRule } from "./hosts.ts";
 * const rule = hostRule(["localhost"]);
 * if (rule(new Request("http://127.0.0.1:8000/healthz")).pathname !== "/healthz") throw new Error();
 * ```
 */
export function hostRule(allowed: readonly string[] | undefined): HostRule {
  const names = allowed?.includes("*") ? undefined : allowed && new Set(allowed.map(normalised));
  return (request) => {
    // A server's own address where there is no header: browsers always send one, so there is no page behind the request.
    const header = request.headers.get("host");
    const url = header === null || HOST.test(header) ? parsed(request.url) : undefined;
    const named = header ? parsed(`http://${header}`) : url;
    if (url === undefined || named === undefined) {
      throw new Problem("bad-request", "the Host header or the address is invalid; send a host");
    }
    // The address of an absolute form ("GET http://host/") overrules the header (RFC 9112, 3.2.2); neither may be foreign.
    if (names && !(isNamed(names, url.hostname) && isNamed(names, named.hostname))) {
      throw new Problem(
        "host-not-allowed",
        "this server does not answer for the host in the request; use its address or localhost, or allow the name " +
          "(--allow-host, allowHosts)",
      );
    }
    return url;
  };
}

function isNamed(names: ReadonlySet<string>, hostname: string): boolean {
  const host = hostname.replace(/\.$/, "");
  if (names.has(host)) return true;
  const isLoopback = host === "localhost" || host.endsWith(".localhost") || LOOPBACK.test(host) ||
    host === "[::1]";
  return isLoopback && names.has("localhost");
}

function normalised(name: unknown): string {
  const bracketed = typeof name === "string" && /^[0-9a-f.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(name)
    ? `[${name}]`
    : name;
  const url = typeof bracketed === "string" && !/[\s/?#@\\]|:\d*$/.test(bracketed)
    ? parsed(`http://${bracketed}`)
    : undefined;
  if (url !== undefined) return url.hostname.replace(/\.$/, "");
  throw new UserError(
    `Cannot serve the classifier: the allowed host ${
      typeof name === "string" ? quoted(name) : `(${typeof name})`
    } is invalid; expected a name or an address without port, such as "example.org"`,
  );
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Whether an address to listen on is reached from this machine only. */
export function isLoopbackAddress(host: string): boolean {
  const url = parsed(`http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}`);
  return url !== undefined && isNamed(new Set(["localhost"]), url.hostname);
}
