import type { Step } from "../../model/step.ts";
import type { SettingSpec } from "./desired.ts";

/** Takes back what ALTER SYSTEM wrote; the flag on the command line has the higher rank, so nothing else changes. */
export function reset(spec: SettingSpec): Step[] {
  return [
    {
      run: "sql",
      host: spec.host,
      container: spec.container,
      statement: `ALTER SYSTEM RESET :"name";\nselect pg_reload_conf();`,
      params: { name: spec.name },
    },
  ];
}
