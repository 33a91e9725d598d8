#!/usr/bin/env node
/** The command `quorate`: refuses a Node that is too old before it loads anything. */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 19)) {
  const { main } = await import("./run.ts");
  await main(process.argv.slice(2));
} else {
  process.stderr.write(`quorate needs Node 22.19 or newer, and this is ${process.versions.node}\n`);
  process.exitCode = 2;
}
