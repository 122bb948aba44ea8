import type { Kind } from "../kind.ts";
import { desired } from "./desired.ts";
import type { ManifestSpec } from "./desired.ts";
import { diff } from "./diff.ts";
import { observe } from "./observe.ts";
import type { LiveManifest } from "./observe.ts";

/** deploy.yml and the files that go with it. */
export const manifest: Kind<ManifestSpec, LiveManifest> = { kind: "manifest", desired, observe, diff };
