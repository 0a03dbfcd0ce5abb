// Cleans one part: a row is either brought into one form, or refused with its reason. Amounts are whole cents from here on.
import { readFileSync, renameSync, writeFileSync } from "node:fs";

const COUNTRIES = { DE: "DE", GERMANY: "DE", FR: "FR", FRANCE: "FR", IT: "IT", ITALY: "IT", ES: "ES", SPAIN: "ES" };

function date(text) {
  const iso = text.trim().replace(/^(\d{2})\.(\d{2})\.(\d{4})$/, "$3-$2-$1");
  const parsed = new Date(`${iso}T00:00:00Z`);
  if (Number.isNaN(parsed.valueOf()) || parsed.toISOString().slice(0, 10) !== iso) throw new Error(`no date: ${text}`);
  return iso;
}

function cents(text) {
  const match = /^(\d+)[.,](\d{2})$/.exec(text.trim());
  if (!match) throw new Error(`no amount: ${text}`);
  return Number(match[1]) * 100 + Number(match[2]);
}

function country(text) {
  const known = COUNTRIES[text.trim().toUpperCase()];
  if (!known) throw new Error(`no country: ${text}`);
  return known;
}

const customer = (text) =>
  text.trim().toLowerCase().replace(/(^|[\s"'-])\p{L}/gu, (letter) => letter.toUpperCase());

export async function handler({ part }) {
  const good = [];
  const refused = [];
  for (const row of JSON.parse(readFileSync(part, "utf8"))) {
    try {
      good.push({
        id: Number(row.order_id),
        date: date(row.date),
        country: country(row.country),
        cents: cents(row.amount),
        customer: customer(row.customer),
      });
    } catch (error) {
      refused.push({ line: row.line, reason: error.message });
    }
  }
  const clean = part.replace(/part-(\d+)\.json$/, "clean-$1.json");
  writeFileSync(`${clean}.new`, JSON.stringify(good));
  renameSync(`${clean}.new`, clean);
  return { clean, good: good.length, refused };
}
