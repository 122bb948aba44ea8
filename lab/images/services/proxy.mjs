// A faulty proxy in front of the lab's S3: http on :80, https on :443, both to http://$LAB_S3:80. A test orders faults
// at http://PROXY:9000/ :
//   PUT  /   a JSON list of faults, in place of those before; the counts start anew
//   GET  /   {"requests": how many came, "faulted": how many of them met a fault, "faults": what is left}
//   DELETE / no faults
// A fault: {"kind": ..., "requests"?: how many it takes, "seconds"?: how long it holds, "method"?: "PUT",
// "path"?: a part of the URL}; without requests and seconds it holds until it is deleted. The first that fits is met:
//   {"kind": "delay", "ms": 2000}        answered that much later
//   {"kind": "status", "status": 503}    answered so, with S3's XML for it, and not passed on
//   {"kind": "cut"}                      the connection is reset once half of the request's body was read
//   {"kind": "half"}                     passed on; half of the answer's body comes, then a reset
//   {"kind": "hang"}                     passed on to nobody, never answered
//   {"kind": "refuse"}                   the connection is reset before anything is read
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { createServer as createTlsServer } from "node:https";

const upstream = process.env.LAB_S3;
const codes = { 500: "InternalError", 503: "SlowDown", 403: "AccessDenied", 404: "NoSuchKey" };
let faults = [];
let requests = 0;
let faulted = 0;

function holds(fault) {
  return fault.requests !== 0 && (fault.until === undefined || Date.now() < fault.until);
}

function meet(req) {
  requests += 1;
  faults = faults.filter(holds);
  const fault = faults.find(
    ({ method = req.method, path = "" }) => method === req.method && req.url.includes(path),
  );
  if (!fault) return { kind: "none" };
  faulted += 1;
  if (fault.requests !== undefined) fault.requests -= 1;
  return fault;
}

// A TLS socket cannot send a reset; it ends without TLS's farewell.
function reset(socket) {
  if (socket?.encrypted) socket.destroy();
  else socket?.resetAndDestroy();
}

function pass(req, res, half) {
  const headers = { ...req.headers };
  const up = request({ host: upstream, port: 80, method: req.method, path: req.url, headers }, (answer) => {
    res.writeHead(answer.statusCode, answer.rawHeaders);
    if (!half) return answer.pipe(res);
    const length = Number(answer.headers["content-length"] ?? 0);
    let sent = 0;
    answer.on("data", (chunk) => {
      const part = chunk.subarray(0, Math.max(0, Math.floor(length / 2) - sent));
      sent += part.length;
      res.write(part);
    });
    answer.on("end", () => setTimeout(() => reset(res.socket), 50));
  });
  up.on("error", () => reset(res.socket));
  res.on("close", () => up.destroy());
  req.pipe(up);
}

function cut(req) {
  const length = Number(req.headers["content-length"] ?? 0);
  let read = 0;
  req.on("data", (chunk) => {
    read += chunk.length;
    if (read * 2 >= length) reset(req.socket);
  });
  req.on("end", () => reset(req.socket));
}

function refuseWith(req, res, status) {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${codes[status] ?? "Error"}</Code><Message>lab</Message></Error>`;
  req.resume();
  req.on("end", () => {
    res.writeHead(status, { "content-type": "application/xml", "content-length": Buffer.byteLength(body) });
    res.end(body);
  });
}

function serve(req, res) {
  const fault = meet(req);
  if (fault.kind === "delay") setTimeout(() => pass(req, res, false), fault.ms);
  else if (fault.kind === "status") refuseWith(req, res, fault.status);
  else if (fault.kind === "cut") cut(req);
  else if (fault.kind === "half") pass(req, res, true);
  else if (fault.kind === "refuse") reset(req.socket);
  else if (fault.kind !== "hang") pass(req, res, false);
}

function control(req, res) {
  let body = "";
  req.on("data", (chunk) => {
    body += chunk;
  });
  req.on("end", () => {
    const reply = (status, value) => {
      res.writeHead(status, { "content-type": "application/json" });
      res.end(`${JSON.stringify(value)}\n`);
    };
    try {
      if (req.method !== "GET") {
        faults = req.method === "PUT" ? JSON.parse(body) : [];
        for (const fault of faults) if (fault.seconds) fault.until = Date.now() + fault.seconds * 1000;
        requests = 0;
        faulted = 0;
      }
      reply(200, { requests, faulted, faults: faults.filter(holds) });
    } catch (error) {
      reply(400, { error: String(error) });
    }
  });
}

createServer({ requestTimeout: 0 }, serve).listen(80);
createTlsServer(
  {
    key: readFileSync("/etc/lab/services.key"),
    cert: readFileSync("/etc/lab/services.pem"),
    requestTimeout: 0,
  },
  serve,
).listen(443);
createServer(control).listen(9000);
