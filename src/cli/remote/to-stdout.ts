/**
 * Writes to stdout. Settled once its reader has taken the chunk or is gone: what waits for that holds no more than a chunk
 * in memory, however slow the reader is. Never rejects.
 */
export async function toStdout(chunk: Buffer): Promise<void> {
  await new Promise((taken) => process.stdout.write(chunk, taken));
}
