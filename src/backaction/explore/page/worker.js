// The project's own Python in this worker: Pyodide, NumPy and backaction, each from beside this file.
//
// It says {progress: text} while it loads, then {ready: {...}} or {failed: text}, and answers every {id, request}
// with {id, reply}: request and reply are the JSON texts of `backaction.explore.answer`.

const SITE_PACKAGES = "/lib/python3.12/site-packages";
const beside = (address) => new URL(address, import.meta.url);

async function fetched(address, options) {
  const response = await fetch(beside(address), options);
  if (!response.ok) throw new Error(`${address}: the server answers ${response.status} ${response.statusText}`);
  return response;
}

async function start() {
  const begun = performance.now();
  self.postMessage({ progress: "Loading Python" });
  // Small, and names the archives by their content: ask for it anew, and keep them for ever.
  const backend = await (await fetched("backend.json", { cache: "no-cache" })).json();
  const archives = backend.archives.map(async (address) => (await fetched(address)).arrayBuffer());
  archives.forEach((archive) => archive.catch(() => {})); // awaited below, where a failure is told
  const { loadPyodide } = await import(beside(`${backend.pyodide}pyodide.mjs`));
  const python = await loadPyodide({ indexURL: beside(backend.pyodide).href });
  self.postMessage({ progress: "Loading NumPy and the models" });
  for (const archive of archives) python.unpackArchive(await archive, "zip", { extractDir: SITE_PACKAGES });
  const loaded = performance.now();
  self.postMessage({ progress: "Starting the models" });
  const answer = python.pyimport("backaction.explore").answer;
  self.postMessage({ ready: { loading_ms: loaded - begun, starting_ms: performance.now() - loaded } });
  return answer;
}

const started = start();
started.catch((error) => self.postMessage({ failed: String(error?.message ?? error) }));

self.addEventListener("message", async ({ data: { id, request } }) => {
  try {
    const answer = await started;
    self.postMessage({ id, reply: answer(request) });
  } catch (error) {
    self.postMessage({ id, reply: JSON.stringify({ error: String(error?.message ?? error) }) });
  }
});
