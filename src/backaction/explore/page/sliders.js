// Controls: a slider with a number beside it for every quantity, a list for every choice.

import { counted, shown } from "./numbers.js";

const STEPS = 1000;

/**
 * Build the controls in a form.
 *
 * changed(address, text) is called with the value as the experiment file has it, null for that of the file; act(action, name) when a component is
 * to be removed or moved (own chain only).
 */
export function buildSliders(form, controls, settings, { changed, act, editable }) {
  const groups = new Map();
  form.replaceChildren();
  controls.forEach((control, i) => {
    if (!groups.has(control.group)) groups.set(control.group, fieldset(form, control, editable ? act : null));
    const row = control.options.length ? choice(control, i, settings, changed) : slider(control, i, settings, changed);
    groups.get(control.group).append(row);
  });
}

function fieldset(form, control, act) {
  const group = document.createElement("fieldset");
  const legend = document.createElement("legend");
  legend.textContent = control.group;
  group.append(legend);
  if (act && !control.address.startsWith("detector.")) {
    const tools = document.createElement("div");
    tools.className = "tools";
    tools.append(
      button("earlier", `Move ${control.group} towards the laser`, () => act("move", control.group)),
      button("remove", `Remove ${control.group}`, () => act("remove", control.group)),
    );
    group.append(tools);
  }
  form.append(group);
  return group;
}

function button(text, label, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", action);
  return made;
}

function row(control, i) {
  const made = document.createElement("div");
  made.className = "control";
  made.dataset.address = control.address;
  const label = document.createElement("label");
  label.htmlFor = `control-${i}`;
  label.title = `${control.address}: ${control.help}`;
  label.append(control.label);
  if (control.symbol) {
    const symbol = document.createElement("i");
    const [letter, index] = control.symbol.split("_");
    symbol.textContent = letter;
    label.append(" ", symbol);
    if (index) label.append(Object.assign(document.createElement("sub"), { textContent: index }));
  }
  made.append(label);
  return made;
}

function choice(control, i, settings, changed) {
  const made = row(control, i);
  const list = document.createElement("select");
  list.id = `control-${i}`;
  list.append(...control.options.map((option) => new Option(option, option)));
  list.value = settings[control.address] ?? control.value;
  list.addEventListener("input", () => changed(control.address, list.value === control.value ? null : list.value));
  made.append(list);
  return made;
}

function slider(control, i, settings, changed) {
  const made = row(control, i);
  const start = control.value;
  let { low, high } = control;
  let value = counted(settings[control.address] ?? "", control) ?? start;
  if (control.signed && Math.sign(value) !== Math.sign(start)) [low, high] = [-high, -low];

  const range = Object.assign(document.createElement("input"), { type: "range", id: `control-${i}`, min: 0, max: STEPS, step: 1 });
  const entry = Object.assign(document.createElement("input"), { type: "text", inputMode: "decimal", className: "entry" });
  entry.setAttribute("aria-label", `${control.label}${control.unit ? ` in ${control.unit}` : ""}, number`);
  const unit = Object.assign(document.createElement("span"), { className: "unit", textContent: control.unit });
  const moved = document.createElement("output");
  moved.htmlFor = range.id;
  moved.setAttribute("aria-live", "off"); // the slider tells its own value
  const log = control.scale === "log";

  const position = (v) => {
    const inside = log ? Math.log(Math.max(v, low) / low) / Math.log(high / low) : (v - low) / (high - low);
    return Math.min(Math.max(inside, 0), 1) * STEPS;
  };
  const valueAt = (place) => {
    const inside = place / STEPS;
    if (log) return Number((low * (high / low) ** inside).toPrecision(4));
    const decimals = Math.min(Math.max(Math.ceil(-Math.log10((high - low) / STEPS)) + 1, 0), 12);
    return Number((low + inside * (high - low)).toFixed(decimals));
  };
  const show = (from) => {
    if (from !== range) range.value = position(value);
    if (from !== entry) entry.value = String(value);
    entry.removeAttribute("aria-invalid");
    range.setAttribute("aria-valuetext", `${value} ${control.unit}`.trim());
    const ratio = log && start > 0 && value > 0 ? `×\u2009${shown(value / start, 3)}` : `${value > start ? "+" : ""}${shown(value - start, 3)}`;
    moved.textContent = value === start ? "" : value === -start ? "flipped" : ratio;
  };
  const set = (next, from) => {
    value = next;
    show(from);
    const text = control.unit ? `${value} ${control.unit}` : String(value);
    changed(control.address, value === start ? null : text);
  };
  range.addEventListener("input", () => set(valueAt(Number(range.value)), range));
  entry.addEventListener("input", () => {
    const next = counted(entry.value.replace(",", "."), control);
    if (next === undefined) entry.setAttribute("aria-invalid", "true");
    else set(next, entry);
  });
  entry.addEventListener("change", () => show(null));
  show(null);

  const numbers = document.createElement("span");
  numbers.className = "numbers";
  numbers.append(entry, unit);
  const track = document.createElement("div");
  track.className = "track";
  track.append(range, moved);
  made.append(numbers, track);
  if (control.signed) {
    const name = control.symbol === "Ω" ? "flip the mass" : "flip the sign";
    made.append(
      button(name, `${name}: change the sign of ${control.label} of ${control.group}`, () => {
        [low, high] = [-high, -low];
        set(-value, null);
      }),
    );
  }
  return made;
}
