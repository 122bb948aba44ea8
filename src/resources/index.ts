import { agent } from "./agent/index.ts";
import { container } from "./container/index.ts";
import { freshness } from "./freshness/index.ts";
import { hba } from "./hba/index.ts";
import type { Kind } from "./kind.ts";
import { manifest } from "./manifest/index.ts";
import { replica } from "./replica/index.ts";
import { repository } from "./repository/index.ts";
import { role } from "./role/index.ts";
import { setting } from "./setting/index.ts";
import { slot } from "./slot/index.ts";

/** Every kind of thing that is reconciled. */
export const KINDS: readonly Kind[] = [
  manifest,
  container,
  setting,
  role,
  hba,
  slot,
  replica,
  agent,
  repository,
  freshness,
] as readonly Kind[];
