import { appendRecord } from "../../../src/agent/ledger/append.ts";
import { aRecord } from "./a-ledger-record.ts";

// A process of its own: append-many.ts STATE COUNT.
const [, , state = "", count = "0"] = process.argv;
for (let number = 0; number < Number(count); number++) {
  await appendRecord(state, aRecord({ details: { process: process.pid, number } }));
}
