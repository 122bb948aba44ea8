import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** vitest's global setup: what the tests make below os.tmpdir() is gone when they end. Servers of other users write there, too. */
export default function temporaryDirectory(): () => void {
  const before = process.env["TMPDIR"];
  const directory = mkdtempSync(join(tmpdir(), "kb-test-"));
  chmodSync(directory, 0o1777);
  process.env["TMPDIR"] = directory;
  return () => {
    rmSync(directory, { recursive: true, force: true });
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  };
}
