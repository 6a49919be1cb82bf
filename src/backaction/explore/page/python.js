// The way to Python: a server on this machine, or Pyodide in a worker. Which one stands in backend.json.

export async function connect(progress = () => {}) {
  const response = await fetch("backend.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`backend.json: the server answers ${response.status}`);
  const backend = await response.json();
  const send = backend.kind === "local" ? local(backend.call) : await worker(progress);
  const ask = async (request) => {
    try {
      return JSON.parse(await send(JSON.stringify(request)));
    } catch (error) {
      return { error: `Python does not answer: ${error.message}` };
    }
  };
  return { ...backend, ask };
}

function local(address) {
  return async (body) => {
    try {
      const response = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body });
      return await response.text();
    } catch {
      throw new Error("is `backaction explore` still running?");
    }
  };
}

function worker(progress) {
  const python = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  const waiting = new Map();
  let last = 0;
  const send = (request) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      python.postMessage({ id: last, request });
    });
  return new Promise((resolve, reject) => {
    python.addEventListener("error", (event) => {
      const error = new Error(event.message || "the worker could not be started");
      reject(error);
      for (const question of waiting.values()) question.reject(error);
      waiting.clear();
    });
    python.addEventListener("message", ({ data }) => {
      if (data.progress !== undefined) progress(data.progress);
      else if (data.ready !== undefined) resolve(send);
      else if (data.failed !== undefined) reject(new Error(data.failed));
      else {
        waiting.get(data.id)?.resolve(data.reply);
        waiting.delete(data.id);
      }
    });
  });
}
