import { spawn } from "node:child_process";
import { Duplex } from "node:stream";

const COMPLAINT_LENGTH = 400;

/**
 * Runs a ProxyCommand (ssh_config(5)) in a shell: its stdin and stdout are the connection. It is killed when the stream
 * is destroyed. A command that cannot start or that ends early ends the stream.
 */
export function spawnProxy(command: string): { stream: Duplex; complaint: () => string } {
  const child = spawn("/bin/sh", ["-c", `exec ${command}`], { stdio: ["pipe", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    complaint = (complaint + chunk).slice(-COMPLAINT_LENGTH);
  });
  // Writing to a command that has ended is told by the end of its output.
  child.stdin.on("error", () => {});
  const stream = new Duplex({
    read: () => {
      child.stdout.resume();
    },
    write: (chunk, _encoding, done) => {
      child.stdin.write(chunk, () => done());
    },
    final: (done) => {
      child.stdin.end(done);
    },
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  child.stdout.on("data", (chunk: Buffer) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  child.once("error", (error) => stream.destroy(error));
  child.once("close", () => stream.push(null));
  return { stream, complaint: () => complaint.trim() };
}
