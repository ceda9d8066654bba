// Loads on organisations of one program, begun.
import { Load } from "./generator.mjs";

/** The day it is where the organisations are. */
export const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Paris" }).format(new Date());

/** One load for each slug; each knows a member of the next one, whom it may not name. */
export async function start(api, slugs, seed) {
  const loads = slugs.map((slug) => new Load({ send: (request) => api.send(request), tokens: api.organisation(slug, { starts: "2024-01-01" }).tokens,
    slug, seed, today: today(), conforms: api.conforms.bind(api) }));
  for (const load of loads) await load.start();
  loads.forEach((load, i) => { load.foreign = loads[(i + 1) % loads.length].members.items[0].id; });
  return loads;
}
