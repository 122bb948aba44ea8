import { drillHasBackup, pruneHasRetention, repositoryExists, retentionKeeps } from "./backups.ts";
import type { Check } from "./check.ts";
import { hbaAddressesAreRanges, hbaRulesAreReached, hbaRulesAreTight } from "./hba.ts";
import {
  onlyPostgresReplicates,
  replicaAddressesDiffer,
  replicaNamesDiffer,
  replicaSlotsDiffer,
  replicasHaveRole,
} from "./replicas.ts";
import { localPathsAreMountable, onlySftpLogsIn } from "./repositories.ts";
import { jitterFits, rpoIsMet, schedulesFire, timezoneExists } from "./schedules.ts";
import { addressesHoldNoPassword } from "./secrets.ts";
import { settingsCarryReplicas, unitsAreRight } from "./settings.ts";
import { backupHasAgent, onlySqliteIsPlaced, sqliteHasOneDatabase, targetNamesDiffer } from "./targets.ts";

/** Everything beyond the schema that a policy alone can be wrong about. */
export const CHECKS: readonly Check[] = [
  timezoneExists,
  schedulesFire,
  rpoIsMet,
  jitterFits,
  backupHasAgent,
  targetNamesDiffer,
  onlySqliteIsPlaced,
  sqliteHasOneDatabase,
  onlySftpLogsIn,
  localPathsAreMountable,
  drillHasBackup,
  pruneHasRetention,
  repositoryExists,
  retentionKeeps,
  addressesHoldNoPassword,
  settingsCarryReplicas,
  unitsAreRight,
  hbaAddressesAreRanges,
  hbaRulesAreReached,
  hbaRulesAreTight,
  onlyPostgresReplicates,
  replicasHaveRole,
  replicaAddressesDiffer,
  replicaSlotsDiffer,
  replicaNamesDiffer,
];
