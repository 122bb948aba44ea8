import manifest from "../../package.json" with { type: "json" };

/** Of kamal-backup, as package.json has it. */
export const VERSION: string = manifest.version;
