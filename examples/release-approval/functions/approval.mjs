// Tells a person that a release waits for them. The message is a file in the inbox, and a line in the server's log; a mail or a
// chat message would carry the same two commands.
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = process.env.RELEASES || join(tmpdir(), "stepwell-release-approval");

export async function ask({ token, build, version, staging }) {
  const inbox = join(root, "inbox");
  mkdirSync(inbox, { recursive: true });
  const file = join(inbox, `${build}.json`);
  writeFileSync(`${file}.new`, JSON.stringify({ version, staging, token }, null, 2));
  renameSync(`${file}.new`, file);
  console.log(`${version} is on staging and says: ${staging}`);
  console.log(`  stepwell task success '${token}' --output '{"by":"you"}'`);
  console.log(`  stepwell task failure '${token}' --error Release.Rejected --cause 'not today'`);
}
