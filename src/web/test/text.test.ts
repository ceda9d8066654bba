import assert from "node:assert/strict";
import { test } from "node:test";
import { highlighted, likeness, slugOf } from "../src/lib/text";
import { match, search } from "../src/router";
import { fieldId } from "../src/lib/form";
import { scaleOf } from "../src/ui/chart";

test("names are found as they are typed", () => {
  assert.equal(likeness("Les Jardins de Tourneciel", "jar"), 3, "the article is left out");
  assert.equal(likeness("Les Jardins de Tourneciel", "les jar"), 2);
  assert.equal(likeness("Jardinerie du Quai-Perdu", "jar"), 3);
  assert.equal(likeness("Habitat Partagé des Noyers", "art"), 1);
  assert.equal(likeness("Épicerie du Lavoir-Neuf", "epi lav"), 2);
  assert.equal(likeness("Épicerie du Lavoir-Neuf", "neuf"), 2);
  assert.equal(likeness("L’Heure Claire", "heure"), 3);
  assert.equal(likeness("Cyclo-Bocageron", "xyz"), 0);
  assert.equal(likeness("Cyclo-Bocageron", ""), 1);
  assert.deepEqual(highlighted("Épicerie", "epi"), ["", "Épi", "cerie"]);
});

test("slugs", () => {
  assert.equal(slugOf("Réseau de la coopération (démonstration)"), "reseau-de-la-cooperation-demonstration");
  assert.equal(slugOf("  Œuvre & Cie  "), "oeuvre-cie");
});

test("paths and their parameters", () => {
  assert.deepEqual(match("members/:id/edit", "members/a%20b/edit"), { id: "a b" });
  assert.equal(match("members/:id", "members"), null);
  assert.equal(match("members/:id", "members/"), null);
  assert.equal(match("members/:id", "members/%E0%A4%A"), null);
  assert.deepEqual(match("", ""), {});
  assert.equal(search({ q: "a b", from: "", to: null }), "?q=a+b");
  assert.equal(search({}), "");
});

test("field ids come from JSON pointers", () => {
  assert.equal(fieldId("/amount"), "f-amount");
  assert.equal(fieldId("/donor/legal_form"), "f-donor-legal_form");
  assert.equal(fieldId("/lines/2/amount"), "f-lines-2-amount");
});

test("axes have four to seven round steps that hold every value and zero", () => {
  for (const [low, high] of [[0n, 4_831_240n], [-80_000n, 971_000n], [-3n, -1n], [0n, 0n], [0n, 99n], [0n, 100n], [-12_345n, 67_890n]] as const) {
    const scale = scaleOf(low, high, 1n);
    assert.ok(scale.low <= low && scale.high >= high && scale.low <= 0n && scale.high >= 0n, `${low} to ${high}`);
    assert.equal(scale.low % scale.step, 0n);
    assert.equal(scale.high % scale.step, 0n);
    assert.ok((scale.high - scale.low) / scale.step <= 8n);
  }
  assert.equal(scaleOf(0n, 30n, 100n).step, 100n, "never finer than the unit that is written");
});
