// Numbers as people read them. Units, their prefixes and spellings are Python's (`learn`).

let units = { frequency: { symbol: "Hz", sizes: { Hz: 1 }, prefixed: ["Hz"] } };
let spellings = {};

/** Take the units as Python has them. */
export function learn(quantities) {
  ({ units, spellings } = quantities);
}

/** A text with plain signs and symbols, whatever page it was copied from. */
export const plain = (text) => [...text].map((character) => spellings[character] ?? character).join("");

/** The number of a text, counted in a unit; undefined if it is none. */
export function counted(text, { quantity, unit }) {
  const [, number, symbol] = /^\s*([-+.0-9]+(?:[eE][-+]?[0-9]+)?)\s*(\S*)\s*$/.exec(plain(text)) ?? [];
  const value = Number(number);
  if (number === undefined || !Number.isFinite(value)) return undefined;
  const own = plain(unit);
  if (symbol === own || symbol === "") return value;
  const sizes = units[quantity]?.sizes ?? {};
  const ratio = sizes[symbol] / sizes[own];
  return Number.isFinite(ratio) ? Number((value * ratio).toPrecision(15)) : undefined;
}

const UP = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const power = (exponent) => `10${[...String(exponent)].map((c) => UP[c]).join("")}`;

/** A number with some significant digits, a true minus sign, and powers of ten where they help. */
export function shown(value, digits = 4, most = 5) {
  if (value === null || value === undefined) return "–";
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent < -3 || exponent > most) {
    let [mantissa, e] = value.toExponential(digits - 1).split("e");
    if (mantissa.includes(".")) mantissa = mantissa.replace(/\.?0+$/, "");
    return `${mantissa === "1" ? "" : `${mantissa} × `}${power(Number(e))}`.replace(/^-/, "−");
  }
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

/** A frequency in Hz with its prefix. */
export function frequency(hertz, digits = 6) {
  const { unit, size } = frequencyUnit(Math.abs(hertz));
  return `${shown(hertz / size, digits)} ${unit}`;
}

export function frequencyUnit(largest) {
  const { symbol, sizes, prefixed } = units.frequency;
  if (!(largest > 0)) return { unit: symbol, size: 1 };
  const found = prefixed.map((unit) => ({ unit, size: sizes[unit] })).sort((a, b) => b.size - a.size);
  return found.find(({ size }) => largest >= size * 0.999999) ?? found.at(-1);
}

/** Ticks at 1, 2 or 5 times a power of ten, three at least. */
export function linearTicks(low, high, count) {
  for (let wanted = Math.max(count, 2); ; wanted += 1) {
    const ticks = evenTicks(low, high, wanted);
    if (ticks.length > 2 || wanted > 8) return ticks;
  }
}

function evenTicks(low, high, count) {
  const rough = (high - low) / Math.max(count, 1);
  if (!(rough > 0)) return [low];
  const base = 10 ** Math.floor(Math.log10(rough));
  const step = base * ([1, 2, 5, 10].find((factor) => factor * base >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const ticks = [];
  for (let i = first; i * step <= high + 1e-9 * step; i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** Ticks at powers of ten, with 2 and 5 between them where there are few. */
export function logTicks(low, high, count) {
  const decades = Math.log10(high / low);
  const factors = decades < 1 ? [1, 2, 3, 5, 7] : decades < 3 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil((decades * factors.length) / Math.max(count, 1) / factors.length));
  const ticks = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
    if (e % every) continue;
    for (const factor of factors) {
      const tick = factor * 10 ** e;
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick);
    }
  }
  return ticks.length > 1 ? ticks : linearTicks(low, high, count);
}
