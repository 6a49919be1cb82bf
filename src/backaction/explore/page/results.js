// What the page shows of an answer: cards, table, ellipses, spectrum, force noise.

import { drawChart, drawEllipse } from "./charts.js";
import { frequency, shown } from "./numbers.js";

const WAYS = { conditional: "with the record", unconditional: "without the record" };

const CARDS = ["log_negativity", "epr_variance"];
const DECIDES = "ppt_symplectic_eigenvalue";

const make = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
};
const by = (id) => document.getElementById(id);

/** Criteria, table, ellipses and warnings of a state; `chosen` is the number of the pair. */
export function showState(state, chosen) {
  const pairs = (state.unconditional ?? state.conditional)?.pairs ?? [];
  const at = Math.min(chosen, Math.max(pairs.length - 1, 0));
  by("pair-choice").hidden = pairs.length < 2;
  by("pair").replaceChildren(...pairs.map(({ modes }, i) => new Option(modes.join(" and "), i, false, i === at)));
  by("cards").replaceChildren(...(pairs.length ? CARDS.map((key) => card(state, at, key)) : [lonely(state)]));
  by("numbers").replaceChildren(...table(state, at));
  by("warnings").replaceChildren(...state.warnings.map((warning) => make("li", { textContent: warning })));
  showEllipses(state, at);
  const pair = (state.conditional ?? state.unconditional)?.pairs?.[at];
  const live = pair ? [`log-negativity ${shown(pair.log_negativity)}`, `EPR variance ${shown(pair.epr_variance)}`] : [];
  by("live").replaceChildren(...live.map((textContent) => make("span", { textContent })));
}

function lonely(state) {
  const text = state.modes.length ? "One mode: nothing to be entangled with." : "No modes: light alone.";
  return make("p", { className: "card", textContent: text });
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);
const criterion = (state, wanted) => state.criteria.find(({ key }) => key === wanted);

function card(state, at, key) {
  const { name, symbol, sentence } = criterion(state, key);
  const kind = state.conditional ? "conditional" : "unconditional";
  const value = (way) => state[way]?.pairs?.[at]?.[key];
  const main = make("p", { className: "value" }, shown(value(kind)));
  const [text, style] = verdict(state, state[kind], at, key);
  const chip = make("span", { className: `chip ${style}`, textContent: text });
  const node = make("div", { className: "card" });
  node.dataset.criterion = key;
  const [letter, index] = symbol.split("_");
  const heading = make("h4", {}, `${capital(name)} `, make("i", { textContent: letter }), index ? make("sub", { textContent: index }) : "");
  node.append(heading, make("div", { className: "row" }, main, chip));
  const rest = state.conditional
    ? `${WAYS.conditional}; ${WAYS.unconditional} ${shown(value("unconditional"))}`
    : "no detector: the stationary state";
  node.append(make("p", { className: "way", textContent: rest }), make("p", { className: "what", textContent: sentence }));
  return node;
}

function verdict(state, found, at, key) {
  const value = found?.pairs?.[at]?.[key] ?? null;
  if (value === null) return ["not resolved", "open"];
  const asked = key === "log_negativity" ? DECIDES : key; // a log-negativity of zero has no distance to its bound
  const { bound } = criterion(state, asked);
  const said = found.verdict[at][asked];
  if (said === "separable") return [said, "no"];
  if (said === "entangled") return [bound.decisive ? said : "proves entanglement", "yes"];
  const number = found.pairs[at][asked];
  if (bound.below ? number < bound.value : number > bound.value) return ["undetermined", "open"];
  return bound.decisive ? ["undecided", "open"] : ["proves nothing", "no"];
}

function table(state, at) {
  const ways = Object.keys(WAYS).filter((way) => state[way]);
  const head = make("tr", {}, make("td"), ...ways.map((way) => make("th", { scope: "col", textContent: WAYS[way] })));
  const rows = [make("thead", {}, head)];
  const body = make("tbody");
  const add = (title, value, doubt = () => null) => {
    const cells = ways.map((way) => {
      const uncertainty = doubt(state[way]);
      const text = shown(value(state[way]), 6) + (uncertainty ? ` ± ${shown(uncertainty, 1)}` : "");
      return make("td", { textContent: text });
    });
    body.append(make("tr", {}, make("th", { scope: "row", textContent: title }), ...cells));
  };
  const pair = (s) => s.pairs?.[at] ?? {};
  const of = (subject) => state.criteria.filter((one) => one.subject === subject);
  if (ways.some((way) => state[way].pairs)) {
    const [a, b] = pair(state[ways[0]]).modes;
    for (const { key, name, proves, unit, directed } of of("pair")) {
      const unitText = unit === "1" ? "" : `, ${unit}`;
      const title = `${capital(name)}${proves ? ` (${proves}${unitText})` : ""}`;
      if (!directed) add(title, (s) => pair(s)[key], (s) => s.uncertainty?.[at]?.[key]);
      else
        for (const [way, first, second] of [["first_to_second", a, b], ["second_to_first", b, a]])
          add(`${title}, ${first} → ${second}`, (s) => pair(s)[key]?.[way], (s) => s.uncertainty?.[at]?.[key]?.[way]);
    }
    add("Gain g of the EPR variance", (s) => pair(s).epr_gain);
    add("Local phase φ (rad)", (s) => pair(s).epr_phase);
  }
  for (const mode of state.modes)
    for (const { key, name } of of("mode")) add(`${capital(name)} of ${mode}`, (s) => s[key][mode]);
  for (const { key, name } of of("state")) add(capital(name), (s) => s[key]);
  add("Positivity defect: less than it can fake proves nothing", (s) => s.positivity_defect);
  add("Numerical error of the covariance, relative", (s) => s.error_estimate);
  rows.push(body);
  const derived = Object.entries(state.derived).flatMap(([name, values]) =>
    Object.entries(values).map(([key, value]) => [`${name}: ${words(key)}`, inUnits(key, value)]),
  );
  if (derived.length) {
    const cell = (value) => make("td", { colSpan: ways.length, textContent: value });
    const header = make("th", { colSpan: ways.length + 1, scope: "colgroup", textContent: "What follows from the parameters" });
    const lines = derived.map(([title, value]) => make("tr", {}, make("th", { scope: "row", textContent: title }), cell(value)));
    rows.push(make("tbody", {}, make("tr", {}, header), ...lines));
  }
  return rows;
}

const words = (key) => key.replace(/_(hz|rad)$/, "").replaceAll("_", " ");

function inUnits(key, value) {
  if (value === null) return "–";
  return key.endsWith("_hz") ? frequency(value) : `${shown(value, 6)}${key.endsWith("_rad") ? " rad" : ""}`;
}

function showEllipses(state, at) {
  const plain = state.unconditional ?? state.conditional;
  if (!plain) return;
  const pictures = [];
  const picture = (title, u, c) => {
    const { svg, off } = drawEllipse({ title, x: u.x, y: u.y, unconditional: state.unconditional && u, conditional: c });
    const note = off ? make("p", { className: "what", textContent: `unconditional off the scale: ${shown(off, 2)} × vacuum` }) : "";
    pictures.push(make("figure", {}, make("figcaption", { textContent: title.replace(/[._]/g, "$&\u200b") }), svg, note));
  };
  const conditional = state.conditional ?? {};
  plain.pair_ellipses[at]?.forEach((u, i) => {
    const [a, b] = u.modes;
    picture(`${a} (1) and ${b} (2)`, u, conditional.pair_ellipses?.[at]?.[i]);
  });
  const meter = (i) => plain.ellipses[i].modes[0].endsWith(".cavity"); // last: they are rarely what is asked
  const order = [...plain.ellipses.keys()].sort((i, j) => meter(i) - meter(j));
  for (const i of order) picture(plain.ellipses[i].modes[0], plain.ellipses[i], conditional.ellipses?.[i]);
  by("ellipses").replaceChildren(...pictures);
}

const COLOURS = 7;
const EMPTY = 1e-9;

/** A held curve at the frequencies of another one; null where it has none. */
function resampled(frequencies, values, wanted) {
  let i = 0;
  return wanted.map((f) => {
    if (f < frequencies[0] || f > frequencies.at(-1)) return null;
    while (i < frequencies.length - 2 && frequencies[i + 1] < f) i += 1;
    const [low, high] = [values[i], values[i + 1]];
    if (low === null || high === null || high === undefined) return low ?? null;
    const width = frequencies[i + 1] - frequencies[i];
    return width > 0 ? low + ((high - low) * (f - frequencies[i])) / width : low;
  });
}

const heldLine = (held, key, wanted) =>
  held ? [{ name: "held", kind: "line", values: resampled(held.frequency_hz, held[key], wanted), style: "held" }] : [];

/** Spectrum with its budget: stacked areas on a linear scale, lines on a logarithmic one; `held` is an earlier one. */
export function showSpectrum(container, spectrum, scale, held) {
  const total = spectrum.psd_shot_noise;
  const earlier = heldLine(held, "psd_shot_noise", spectrum.frequency_hz);
  const largest = Math.max(...total, ...earlier.flatMap(({ values }) => values));
  const least = Math.min(...total);
  const log = scale === "log" || (scale === "auto" && largest > 300 * least);
  const names = Object.keys(spectrum.budget).filter((name) => Math.max(...spectrum.budget[name]) > EMPTY * largest);
  let base = total.map(() => 0);
  const parts = names.map((name) => {
    const values = spectrum.budget[name];
    const style = name === "detection" ? "grey" : sourceStyle(Object.keys(spectrum.budget).indexOf(name));
    if (log) return { name, kind: "line", values: values.map((v) => (v > 0 ? v : null)), read: values, style };
    const top = base.map((b, i) => b + values[i]);
    const part = { name, kind: "area", values: top, base, read: values, style };
    base = top;
    return part;
  });
  const whole = { name: "whole", kind: "line", values: total, style: "total" };
  const vacuum = { name: "vacuum", kind: "line", values: total.map(() => 1), style: "dashed" };
  drawChart(container, {
    title: "Spectrum of the record",
    description: `From ${shown(least, 3)} to ${shown(largest, 3)} in shot-noise units; sources: ${names.join(", ")}.`,
    frequency: spectrum.frequency_hz,
    spacing: spectrum.spacing,
    yLabel: "PSD (shot noise 1)",
    yScale: log ? "log" : "linear",
    yDomain: log ? [Math.min(0.1, least / 2), Math.max(largest, 2) * 1.5] : [0, Math.max(largest, 1.2) * 1.06],
    series: [whole, ...earlier, ...parts.reverse(), vacuum],
  });
}

/** A colour for each source, which stays when others come and go; dashed or pale from the eighth on. */
const sourceStyle = (i) => `c${i % COLOURS}${i < COLOURS ? "" : " again"}`;

/** Force noise and the standard quantum limit; where the noise is below it, the gap is filled. */
export function showForce(container, force, held) {
  const { added_noise: noise, sql } = force;
  const earlier = heldLine(held, "added_noise", force.frequency_hz);
  const finite = [...noise, ...sql, ...earlier.flatMap(({ values }) => values)].filter((v) => v !== null);
  const [least, largest] = [Math.min(...finite), Math.max(...finite)];
  const log = largest > 8 * least;
  const below = noise.map((v, i) => (v !== null && v < sql[i] ? v : sql[i]));
  drawChart(container, {
    title: `Force noise on ${force.mode}`,
    description: `Added noise from ${shown(Math.min(...noise.filter((v) => v !== null)), 3)} in units of ħmγΩ.`,
    frequency: force.frequency_hz,
    spacing: force.spacing,
    yLabel: "force noise (ħmγΩ)",
    yScale: log ? "log" : "linear",
    yDomain: log ? [least / 1.6, largest * 1.6] : [0, largest * 1.1],
    series: [
      { name: `force noise on ${force.mode}`, kind: "line", values: noise, style: "total" },
      ...earlier,
      { name: "standard quantum limit", kind: "line", values: sql, style: "dashed" },
      { name: "below it", kind: "area", values: below, base: sql, style: "better", read: noise.map(() => null) },
      { name: "noise over the limit", kind: "line", values: noise.map((v, i) => (v === null ? null : v / sql[i])), style: "none", hidden: true },
    ],
  });
}

/** Why a network has no stationary state, and whether it has one given the record. */
export function growthText({ growth: { mode, rate_per_s: rate, frequency_hz: f }, conditional }) {
  const how = rate > 0 ? `grows at the rate ${shown(rate)} s⁻¹` : "does not decay (rate 0)";
  const what = conditional
    ? "Without the record there is no stationary state; given the record there is, and it is shown."
    : "There is no stationary state; the last one stays, greyed.";
  return `Unstable: the mode ${mode} ${how} at ${frequency(f)}. ${what}`;
}
