import { createServer } from "node:net";
import { statSync } from "node:fs";

/** Ends what `hold` began; safe to call several times. */
export type Release = () => Promise<void>;

/**
 * Holds a name for this process among all processes of the container; null: another one holds it. The name is an
 * abstract Unix socket (unix(7)): the kernel gives it to one only, and takes it back when the process dies, however it
 * dies. So nothing is ever stale, and process numbers that start again with the container cannot be confused.
 * @param directory an existing one: names are its own.
 */
export async function hold(directory: string, name: string): Promise<Release | null> {
  const { dev, ino } = statSync(directory);
  const server = createServer((socket) => socket.destroy());
  const held = await new Promise<boolean>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(`\0kamal-backup:${dev}:${ino}:${name}`, () => resolve(true));
  });
  if (!held) return null;
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}
