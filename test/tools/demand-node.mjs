// Loaded before any TypeScript, in plain JavaScript: an old Node would only say that it does not
// know the extension .ts.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `quorate needs Node 22.19 or newer, and this is ${process.versions.node}: run npm ci, then npm test\n`,
  );
  process.exit(2);
}
