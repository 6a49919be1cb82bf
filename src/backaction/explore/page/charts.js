// Plain SVG: axes with ticks, lines, stacked areas, ellipses. No library, nothing to download.

import { frequency, frequencyUnit, linearTicks, logTicks, shown } from "./numbers.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 58, right: 12, top: 12, bottom: 42 };
const HEIGHT = 290;

function element(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

const scaled = (scale, low, high) =>
  scale === "log"
    ? (value) => (Math.log(Math.max(value, low * 1e-3)) - Math.log(low)) / (Math.log(high) - Math.log(low))
    : (value) => (value - low) / (high - low);

/**
 * Draw lines and areas over a frequency axis, with a readout for pointer and keyboard.
 *
 * chart: { title, description, frequency: [Hz], spacing, yLabel, yScale, yDomain: [low, high],
 *          series: [{ name, values, kind: "line" | "area", base, style, hidden }] }
 */
export function drawChart(container, chart) {
  container.chart = chart;
  if (!container.readout) prepare(container);
  render(container);
}

function prepare(container) {
  container.plot = document.createElement("div");
  container.readout = document.createElement("ul");
  container.readout.className = "legend";
  container.plot.className = "plot";
  container.append(container.plot, container.readout);
  container.plot.tabIndex = 0;
  container.plot.setAttribute("role", "group");
  container.at = null;
  new ResizeObserver(() => container.chart && render(container)).observe(container.plot);
  container.plot.addEventListener("pointermove", (event) => {
    const { left, width } = container.plot.getBoundingClientRect();
    const inside = (event.clientX - left - MARGIN.left) / (width - MARGIN.left - MARGIN.right);
    point(container, nearest(container, Math.min(Math.max(inside, 0), 1)));
  });
  container.plot.addEventListener("pointerleave", () => point(container, null));
  container.plot.addEventListener("blur", () => point(container, null));
  container.plot.addEventListener("keydown", (event) => {
    const last = container.chart.frequency.length - 1;
    const step = { ArrowRight: 1, ArrowLeft: -1, PageUp: 20, PageDown: -20, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === "Escape") return point(container, null);
    if (step === undefined) return undefined;
    event.preventDefault();
    return point(container, Math.min(Math.max((container.at ?? peak(container.chart)) + step, 0), last));
  });
}

const peak = ({ series, frequency: f }) => {
  const values = series[0]?.values ?? f;
  return values.indexOf(Math.max(...values.filter((value) => value !== null)));
};

function nearest(container, inside) {
  const { x } = container.axes;
  const places = container.chart.frequency.map((f) => Math.abs(x(f) - inside));
  return places.indexOf(Math.min(...places));
}

function render(container) {
  const { chart, plot } = container;
  const width = Math.max(plot.clientWidth, 200);
  const inner = { width: width - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const [first, last] = [chart.frequency[0], chart.frequency.at(-1)];
  const domain = last > first ? [first, last] : [first - 1, first + 1];
  const x = scaled(chart.spacing, ...domain);
  const y = scaled(chart.yScale, ...chart.yDomain);
  container.axes = { x, y, inner };
  const across = (f) => MARGIN.left + inner.width * x(f);
  const up = (value) => MARGIN.top + inner.height * (1 - Math.min(Math.max(y(value), -0.02), 1.02));

  const svg = element("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img" });
  svg.append(element("title", {}, chart.title), element("desc", {}, chart.description));
  svg.append(...axes(chart, domain, width, across, up));
  const clip = `clip-${container.id}`;
  svg.append(element("clipPath", { id: clip }, element("rect", frame(inner))));
  const curves = element("g", { "clip-path": `url(#${clip})` });
  // the first of the list is on top
  for (const series of chart.series.filter(({ hidden }) => !hidden).reverse()) {
    if (series.kind === "area") curves.append(area(series, chart.frequency, across, up));
    else curves.append(element("path", { d: line(series.values, chart.frequency, across, up), class: `line ${series.style}` }));
  }
  container.cursor = element("line", { class: "cursor", y1: MARGIN.top, y2: MARGIN.top + inner.height, visibility: "hidden" });
  svg.append(curves, element("rect", { class: "frame", ...frame(inner) }), container.cursor);
  plot.setAttribute("aria-label", `${chart.title}. Arrow keys read the values.`);
  plot.replaceChildren(svg);
  container.across = across;
  legend(container);
  if (container.at !== null) point(container, Math.min(container.at, chart.frequency.length - 1));
}

const frame = ({ width, height }) => ({ x: MARGIN.left, y: MARGIN.top, width, height });

function axes(chart, [first, last], width, across, up) {
  const marks = [];
  const largest = Math.max(Math.abs(first), Math.abs(last));
  const narrow = chart.spacing !== "log" && last - first < 0.04 * largest;
  const centre = narrow ? Number(((first + last) / 2).toPrecision(4)) : 0;
  const typical = chart.spacing === "log" ? Math.sqrt(first * last) : largest;
  const { unit, size } = frequencyUnit(narrow ? Math.max(last - centre, centre - first) : typical);
  const count = Math.floor((width - 60) / 90);
  const divide = chart.spacing === "log" ? logTicks : linearTicks;
  for (const tick of divide((first - centre) / size, (last - centre) / size, count)) {
    const at = across(tick * size + centre);
    const bottom = HEIGHT - MARGIN.bottom;
    marks.push(element("line", { class: "grid", x1: at, x2: at, y1: MARGIN.top, y2: bottom }));
    marks.push(element("text", { class: "tick", x: at, y: bottom + 16, "text-anchor": "middle" }, shown(tick, 6)));
  }
  const label = narrow ? `frequency − ${frequency(centre)} (${unit})` : `frequency (${unit})`;
  const middle = (MARGIN.left + width - MARGIN.right) / 2;
  marks.push(element("text", { class: "label", x: middle, y: HEIGHT - 6, "text-anchor": "middle" }, label));
  for (const tick of (chart.yScale === "log" ? logTicks : linearTicks)(...chart.yDomain, 5)) {
    const at = up(tick);
    marks.push(element("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: at, y2: at }));
    marks.push(element("text", { class: "tick", x: MARGIN.left - 6, y: at + 4, "text-anchor": "end" }, shown(tick, 3, chart.yScale === "log" ? 3 : 5)));
  }
  const side = (HEIGHT - MARGIN.bottom + MARGIN.top) / 2;
  const turned = { class: "label", x: 0, y: 0, "text-anchor": "middle", transform: `translate(13 ${side}) rotate(-90)` };
  marks.push(element("text", turned, chart.yLabel));
  return marks;
}

function line(values, frequencies, across, up) {
  let path = "";
  let pen = "M";
  values.forEach((value, i) => {
    if (value === null) pen = "M";
    else {
      path += `${pen}${across(frequencies[i]).toFixed(1)} ${up(value).toFixed(1)}`;
      pen = "L";
    }
  });
  return path;
}

function area({ values, base, style }, frequencies, across, up) {
  const top = values.map((value, i) => `${across(frequencies[i]).toFixed(1)} ${up(value).toFixed(1)}`);
  const foot = base.map((value, i) => `${across(frequencies[i]).toFixed(1)} ${up(value).toFixed(1)}`).reverse();
  return element("path", { d: `M${top.join("L")}L${foot.join("L")}Z`, class: `area ${style}` });
}

function legend(container) {
  const { series } = container.chart;
  const place = document.createElement("li");
  place.className = "place";
  place.setAttribute("aria-live", "polite");
  container.values = [];
  const items = series
    .filter(({ name }) => name)
    .map((one) => {
      const item = document.createElement("li");
      const swatch = document.createElement("span");
      swatch.className = `swatch ${one.kind} ${one.style}`;
      const value = document.createElement("b");
      item.append(swatch, one.name, value);
      item.hidden = Boolean(one.hidden); // a number without a curve: it is there with the cursor
      container.values.push({ series: one, value });
      return item;
    });
  container.readout.replaceChildren(...items, place);
  container.place = place;
}

function point(container, at) {
  container.at = at;
  const shownAt = at === null ? null : container.chart.frequency[at];
  container.cursor.setAttribute("visibility", at === null ? "hidden" : "visible");
  for (const { series, value } of container.values) value.parentElement.hidden = Boolean(series.hidden) && at === null;
  if (at !== null) {
    container.cursor.setAttribute("x1", container.across(shownAt));
    container.cursor.setAttribute("x2", container.across(shownAt));
  }
  container.place.textContent = at === null ? "" : `at ${frequency(shownAt, 7)}`;
  if (at !== null) {
    const spoken = document.createElement("span");
    spoken.className = "unseen";
    spoken.textContent = container.values.map(({ series }) => `, ${series.name} ${shown((series.read ?? series.values)[at], 3)}`).join("");
    container.place.append(spoken);
  }
  for (const { series, value } of container.values) {
    const read = (series.read ?? series.values)[at];
    value.textContent = at === null || read === null ? "" : shown(read);
  }
}

const SIDE = 210;
const CENTRE = SIDE / 2;
const REACH = 84;
const VACUUM = Math.SQRT1_2;

/** Draw one phase space: ellipses { semi_axes, angle } by kind, and the circle of the vacuum. */
export function drawEllipse({ title, x, y, unconditional, conditional }) {
  const inner = Math.max(VACUUM, ...(conditional ?? unconditional).semi_axes);
  const outer = Math.max(inner, ...(unconditional ?? conditional).semi_axes);
  const off = outer > 5 * inner;
  const reach = niceAbove(1.12 * (off ? inner : outer));
  const unit = REACH / reach;
  const svg = element("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, role: "img", class: "ellipse" });
  const words = (name, e) => (e ? `${name}: standard deviations ${e.semi_axes.map((s) => shown(s, 3)).join(" and ")}. ` : "");
  const description = words("With the record", conditional) + words("Without the record", unconditional);
  svg.append(element("title", {}, title), element("desc", {}, description));
  const clip = `clip-${(drawEllipse.count = (drawEllipse.count ?? 0) + 1)}`;
  const box = { x: CENTRE - REACH, y: CENTRE - REACH, width: 2 * REACH, height: 2 * REACH };
  svg.append(element("clipPath", { id: clip }, element("rect", box)), element("rect", { class: "frame", ...box }));
  svg.append(element("line", { class: "grid", x1: CENTRE - REACH, x2: CENTRE + REACH, y1: CENTRE, y2: CENTRE }));
  svg.append(element("line", { class: "grid", x1: CENTRE, x2: CENTRE, y1: CENTRE - REACH, y2: CENTRE + REACH }));
  const drawn = element("g", { "clip-path": `url(#${clip})` });
  const shape = ({ semi_axes: [a, b], angle }, style) =>
    element("ellipse", {
      class: style,
      rx: Math.min(a * unit, 1e5),
      ry: Math.min(b * unit, 1e5),
      transform: `translate(${CENTRE} ${CENTRE}) rotate(${(-angle * 180) / Math.PI})`,
    });
  if (unconditional) drawn.append(shape(unconditional, "unconditional"));
  if (conditional) drawn.append(shape(conditional, "conditional"));
  drawn.append(element("circle", { class: "vacuum", cx: CENTRE, cy: CENTRE, r: VACUUM * unit }));
  svg.append(drawn);
  const edge = CENTRE + REACH;
  svg.append(element("text", { class: "tick", x: CENTRE - REACH, y: edge + 13 }, shown(-reach, 2)));
  svg.append(element("text", { class: "tick", x: edge, y: edge + 13, "text-anchor": "end" }, shown(reach, 2)));
  svg.append(element("text", { class: "label", x: CENTRE, y: edge + 14, "text-anchor": "middle" }, x));
  const turned = `translate(${CENTRE - REACH - 7} ${CENTRE}) rotate(-90)`;
  svg.append(element("text", { class: "label", x: 0, y: 0, "text-anchor": "middle", transform: turned }, y));
  return { svg, off: off ? outer / VACUUM : null };
}

function niceAbove(value) {
  const base = 10 ** Math.floor(Math.log10(value));
  return base * [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * base >= value);
}
