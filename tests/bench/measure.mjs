import { readFileSync } from "node:fs";

// Times run(calls), prints the line of figures that run.lua reads, and ends the program. run may
// return the number of calls it made, if it learns that only on the way.
export async function measure(calls, run) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const made = (await run(calls)) ?? calls;
  const wall = (performance.now() - start) / 1e3;
  const used = process.cpuUsage(cpu);
  const peak = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  console.log(JSON.stringify({ calls: made, wall, cpu: (used.user + used.system) / 1e6, rss_kb: peak }));
  process.exit(0);
}
