import assert from "node:assert/strict";
import type { BackendReport } from "../../src/backend/mod.ts";
import { reportBackend } from "../../src/cli/reports.ts";

Deno.test("threads that fail when work begins are told of, and each state once", () => {
  const notes: string[] = [], details: string[] = [];
  const tell = (report?: BackendReport) =>
    reportBackend(report, {
      note: (line) => void notes.push(line),
      detail: (line) => void details.push(line),
    });
  const opened: BackendReport = {
    ...{ kind: "threads", threads: 2, fma: true, why: "2 cores", fellBack: false },
  };
  const failed: BackendReport = {
    ...{ ...opened, kind: "single", threads: 1, why: "threads could not start", fellBack: true },
  };
  tell(undefined);
  tell(opened);
  tell(opened);
  assert.deepEqual([notes, details], [[], ["backend: threads, 2 threads, FMA (2 cores)"]]);
  tell(failed);
  tell(failed);
  assert.deepEqual(notes, ["running on one thread only: threads could not start"]);
  assert.equal(details.length, 2);
});
