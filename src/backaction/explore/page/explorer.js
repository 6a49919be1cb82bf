// The explorer: what is chosen, what is asked of Python, and when.
//
// A change is answered state first, then spectra, then file and code. While an answer is under way, further changes
// only replace the next request: the latest one wins.

import { connect } from "./python.js";
import { learn } from "./numbers.js";
import { buildSliders } from "./sliders.js";
import { growthText, showForce, showSpectrum, showState } from "./results.js";

const root = document.documentElement;
const by = (id) => document.getElementById(id);
const LONGEST_WAIT = 250; // ms after which spectra are drawn although sliders still move

const model = { python: null, scenes: [], name: "", file: "", settings: {}, controls: [], pair: 0, scale: "auto", reading: 0, answered: {}, held: null };
window.explorer = { last: { state: null, spectra: null, code: null }, timing: { state: null, spectra: null, code: null } };

async function start() {
  try {
    model.python = await connect((text) => say(`${text} …`));
    const reply = await model.python.ask({ ask: "scenes" });
    if (reply.error) throw new Error(reply.error);
    model.scenes = reply.ok.scenes;
    learn(reply.ok.quantities);
    by("version").textContent = `backaction ${reply.ok.version}`;
    by("where").textContent = model.python.kind === "local" ? "on this machine" : "in this page (Pyodide)";
    by("kind").append(...reply.ok.components.map(({ kind, help }) => Object.assign(new Option(kind.replaceAll("_", " "), kind), { title: help })));
    by("kind").value = "loss";
    by("scenes").append(...model.scenes.map(sceneButton));
    listen();
    await open(asked() ?? (model.python.file ? { name: "own", file: model.python.file } : { name: model.scenes[0].name }));
    root.dataset.state = "ready";
  } catch (error) {
    root.dataset.state = "failed";
    say(`The explorer could not start: ${error.message}`, "failed");
  }
}

function sceneButton({ name, title }) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: title });
  button.dataset.scene = name;
  button.addEventListener("click", () => open({ name }));
  return button;
}

function listen() {
  by("reset").addEventListener("click", () => open({ name: model.name, file: model.name === "own" ? model.base : undefined }));
  by("own").addEventListener("click", async () => {
    const reply = await model.python.ask({ ask: "read", file: model.file, settings: model.settings });
    if (reply.ok) await open({ name: "own", file: reply.ok.file });
    by("file").focus();
  });
  by("pair").addEventListener("change", () => {
    model.pair = Number(by("pair").value);
    showState(window.explorer.last.state, model.pair);
  });
  by("scale").addEventListener("change", () => {
    model.scale = by("scale").value;
    redraw();
  });
  by("hold").addEventListener("click", () => hold(model.held ? null : window.explorer.last.spectra));
  by("add").addEventListener("click", () => act("add", by("kind").value));
  let typing;
  by("file").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => model.name === "own" && readFile({ file: by("file").value, settings: {} }), 250);
  });
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () => copy(button, textOf(by(button.dataset.copy))));
  }
  by("link").addEventListener("click", () => {
    remember();
    copy(by("link"), location.href);
  });
  window.addEventListener("hashchange", () => {
    const wanted = asked();
    if (wanted && location.hash !== model.hash) open(wanted);
  });
}

const textOf = (node) => node.value ?? node.textContent;

async function copy(button, text) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not allowed here";
  }
  setTimeout(() => (button.textContent = label), 1500);
}

/** What the address of the page asks for: a scene with settings, or a file. */
function asked() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const name = parts.get("scene");
  if (!model.scenes.some((scene) => scene.name === name)) return null;
  const file = parts.get("file") ?? undefined;
  parts.delete("scene");
  parts.delete("file");
  return { name, file: name === "own" ? file : undefined, settings: Object.fromEntries(parts) };
}

/** Keep what was answered last in the address of the page. */
function remember() {
  model.hash = `#${new URLSearchParams(model.answered)}`;
  history.replaceState(null, "", model.hash);
}

let remembering;

/** Browsers refuse many changes of the address in a short time. */
function rememberSoon() {
  clearTimeout(remembering);
  remembering = setTimeout(remember, 300);
}

async function open({ name, file, settings = {} }) {
  const scene = model.scenes.find((one) => one.name === name);
  model.reading += 1;
  if (name !== model.name) hold(null);
  model.name = name;
  model.base = file ?? scene.file;
  model.pair = 0;
  for (const button of by("scenes").children) {
    button.setAttribute("aria-pressed", String(button.dataset.scene === name));
    if (button.dataset.scene === name) button.scrollIntoView({ block: "nearest", inline: "center" });
  }
  by("scene-title").textContent = scene.title;
  by("scene-text").textContent = scene.text;
  by("editor").hidden = name !== "own";
  by("own").hidden = name === "own";
  by("toml-pane").hidden = name === "own";
  if (name === "own") {
    by("file").value = model.base;
    await readFile({ file: model.base, settings });
  } else {
    take({ ...scene, settings });
  }
}

/** Take a file with its controls as what is shown. */
function take({ file, controls, components, detectors, settings = {} }) {
  Object.assign(model, { file, controls, settings: { ...settings } });
  const way = ["laser", ...components.map(({ name }) => name), detectors.length ? "detector" : "(no detector)"];
  by("light").textContent = way.join(" → ");
  buildSliders(by("sliders"), controls, model.settings, { changed, act, editable: model.name === "own" });
  schedule();
}

function changed(address, text) {
  if (text === null) delete model.settings[address];
  else model.settings[address] = text;
  schedule();
}

async function readFile(request) {
  const mine = ++model.reading;
  const reply = await model.python.ask({ ask: "read", ...request });
  if (mine !== model.reading) return; // another file or scene has been opened meanwhile
  const text = reply.ok?.file;
  const wrong = reply.error ?? reply.ok?.mistake;
  if (request.change && text !== undefined) by("file").value = text;
  by("mistake").hidden = !wrong;
  by("mistake").textContent = wrong ?? "";
  by("file").setAttribute("aria-invalid", String(Boolean(wrong)));
  if (wrong) {
    stale(true);
    const shown = window.explorer.last.state;
    by("results").hidden = !shown;
    say(`The file has a mistake, told beside it${shown ? "; what is shown is the last good one" : ""}.`, "error");
    done();
  } else {
    take({ ...reply.ok, file: text });
  }
}

let acting = Promise.resolve();

/** Add, remove or move a component of the own chain, one after the other. */
function act(action, name) {
  acting = acting.catch(() => {}).then(() => change(action, name));
}

async function change(action, name) {
  const label = document.activeElement?.getAttribute("aria-label");
  const settings = by("file").getAttribute("aria-invalid") === "true" ? {} : model.settings;
  const file = Object.keys(settings).length ? model.file : by("file").value;
  await readFile({ file, settings, change: { [action]: name } });
  if (label) document.querySelector(`#sliders [aria-label="${CSS.escape(label)}"]`)?.focus(); // the sliders are new
}

let wanted = 0;
let running = false;
let shownSpectra = 0;

/** Keep the present curves beside those to come, or let them go. */
function hold(spectra) {
  model.held = spectra;
  by("hold").setAttribute("aria-pressed", String(Boolean(spectra)));
  redraw();
}

function redraw() {
  if (window.explorer.last.spectra?.stable) show.spectra(window.explorer.last.spectra);
}

function schedule() {
  wanted += 1;
  if (!running) update();
}

async function update() {
  running = true;
  for (let now = 0; now !== wanted; ) {
    now = wanted;
    const { name, file, settings } = model;
    const request = { file, settings: { ...settings } };
    const good = await answered("state", request);
    if (now !== wanted && performance.now() - shownSpectra < LONGEST_WAIT) continue;
    if (good) await answered("spectra", request);
    shownSpectra = performance.now();
    if (now !== wanted) continue;
    if (await answered("code", request)) {
      model.answered = { scene: name, ...(name === "own" ? { file: window.explorer.last.code.file } : request.settings) };
      rememberSoon();
    }
  }
  running = false;
  done();
}

const done = () => (root.dataset.updates = String(Number(root.dataset.updates) + 1));

/** Ask one question and show the answer; false for a mistake. */
async function answered(ask, request) {
  const begun = performance.now();
  const reply = await model.python.ask({ ask, ...request });
  window.explorer.timing[ask] = performance.now() - begun;
  if (reply.error) {
    stale(true);
    say(reply.error, "error");
    return false;
  }
  window.explorer.last[ask] = reply.ok;
  show[ask](reply.ok);
  return true;
}

const show = {
  state(state) {
    const there = state.unconditional ?? state.conditional;
    stale(!state.stable && !there);
    say(state.stable ? "" : growthText(state), state.stable ? "" : "error");
    by("results").hidden = false;
    if (state.stable || there) showState(state, model.pair);
  },
  spectra(spectra) {
    if (!spectra.stable && !window.explorer.last.state?.conditional) return;
    place("spectrum", spectra.spectrum, spectra.note, (node) => showSpectrum(node, spectra.spectrum, model.scale, model.held?.spectrum));
    place("force", spectra.force, spectra.note, (node) => showForce(node, spectra.force, model.held?.force));
  },
  code({ file, python }) {
    by("toml").textContent = file;
    by("python").textContent = python;
    const writing = document.activeElement === by("file") || by("file").getAttribute("aria-invalid") === "true";
    if (model.name === "own" && !writing) by("file").value = file;
  },
};

/** Draw a chart, or say why there is none. */
function place(id, data, note, draw) {
  const node = by(id);
  node.parentElement.classList.toggle("without", !data);
  node.dataset.note = data ? "" : `Not shown: ${note}.`;
  if (data) draw(node);
}

function stale(is) {
  by("results").classList.toggle("stale", is);
}

function say(text, style = "") {
  by("status").textContent = text;
  by("status").className = style;
}

start();
