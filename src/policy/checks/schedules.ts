import type { Diagnostic } from "../diagnostic.ts";
import { durationSeconds, showDuration } from "../duration.ts";
import { gapsOf, parseSchedule } from "../schedule.ts";
import type { PolicySource } from "../source.ts";
import { suggest } from "../suggest.ts";
import { backups } from "./backups.ts";

/** Every schedule can be read and fires sometime. */
export function schedulesFire(source: PolicySource): readonly Diagnostic[] {
  const drills = Object.values(source.document.databases ?? {}).flatMap(({ drill }) => drill ?? []);
  const scheduled = [
    ...backups(source)
      .flatMap(({ backup }) => [backup, backup.check ?? [], backup.prune ?? []])
      .flat(),
    ...drills,
  ];
  return scheduled.flatMap((owner) => {
    const schedule = parseSchedule(owner.schedule);
    if ("wrong" in schedule) {
      return source.error([owner, "schedule"], schedule.wrong, {
        expected:
          "cron fields: minute 0-59, hour 0-23, day of the month 1-31, month 1-12, day of the week 0-7",
      });
    }
    if (gapsOf(schedule) !== null) return [];
    return source.error([owner, "schedule"], "this schedule never fires", {
      expected: "a day that is in the calendar",
    });
  });
}

/** A run is not put off past the next one. */
export function jitterFits(source: PolicySource): readonly Diagnostic[] {
  return backups(source).flatMap(({ backup }) => {
    const schedule = parseSchedule(backup.schedule);
    const gap = "wrong" in schedule ? undefined : gapsOf(schedule)?.shortest;
    if (backup.jitter === undefined || gap === undefined || durationSeconds(backup.jitter) < gap) return [];
    return source.error([backup, "jitter"], "a run would be put off past the next one", {
      expected: `less than ${showDuration(gap)}, which the runs are apart`,
    });
  });
}

/** The backups of a database are no further apart than its recovery point objective. */
export function rpoIsMet(source: PolicySource): readonly Diagnostic[] {
  return Object.values(source.document.databases ?? {}).flatMap(({ objectives, backup }) => {
    if (objectives?.rpo === undefined || backup === undefined) return [];
    const schedule = parseSchedule(backup.schedule);
    const longest = "wrong" in schedule ? undefined : gapsOf(schedule)?.longest;
    if (longest === undefined) return [];
    const gap = longest + (backup.jitter === undefined ? 0 : durationSeconds(backup.jitter));
    if (gap <= durationSeconds(objectives.rpo)) return [];
    return source.error(
      [objectives, "rpo"],
      `the schedule cannot meet this: backups are up to ${showDuration(gap)} apart`,
      {
        expected: `an rpo of at least ${showDuration(gap)}, or a denser schedule on line ${source.line([backup, "schedule"])}`,
      },
    );
  });
}

/** The time zone is one that the platform knows. */
export function timezoneExists(source: PolicySource): readonly Diagnostic[] {
  const { timezone } = source.document;
  if (timezone === undefined || isTimeZone(timezone)) return [];
  return [
    source.error([source.document, "timezone"], `no time zone is called \`${timezone}\``, {
      expected: "an IANA time zone such as Europe/Madrid",
      suggestion: suggest(timezone, Intl.supportedValuesOf("timeZone")),
    }),
  ];
}

function isTimeZone(name: string): boolean {
  // Offsets such as +02:00 are admitted by the platform, but are no zone.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
