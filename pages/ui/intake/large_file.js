/* Streams a file that is too large for Streamlit's own uploader (which would hold it in memory twice) to the server.

It listens at the uploader that stands in the same container: a person drops a file of any size there, and need not know
which way it takes. Small files never come here. What is on its way outlives this element: another page of the app may be
looked at meanwhile. */

const running = (window.doableIncoming ??= new Map());
const instances = new WeakMap();

export default function mount({ parentElement, data, setTriggerValue }) {
  const instance = instances.get(parentElement) ?? begin(parentElement);
  instance.data = data;
  instance.tell = (value) => setTriggerValue("received", value);
  show(instance);
  return () => setTimeout(() => endIfGone(parentElement));
}

function begin(parentElement) {
  const instance = { host: parentElement.querySelector(".incoming") };
  instance.listen = (event) => take(instance, event);
  for (const type of ["change", "drop"]) window.addEventListener(type, instance.listen, true);
  instances.set(parentElement, instance);
  return instance;
}

function endIfGone(parentElement) {
  const instance = instances.get(parentElement);
  if (!instance || parentElement.isConnected) return;
  for (const type of ["change", "drop"]) window.removeEventListener(type, instance.listen, true);
  instances.delete(parentElement);
}

/** Before Streamlit hears of it: window comes first in the capture phase. */
function take(instance, event) {
  const place = event.target instanceof Element && event.target.closest(`.st-key-${instance.data.place}`);
  const files = event.type === "drop" ? event.dataTransfer?.files : event.target.files;
  if (!place || !files?.length || !place.querySelector("[data-testid=stFileUploader]")) return;
  const large = [...files].find((file) => file.size > instance.data.threshold);
  if (!large) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.type === "change") event.target.value = "";
  else setTimeout(() => event.target.dispatchEvent(new DragEvent("dragleave", { bubbles: true })), 100); // ends its glow
  const before = running.get(instance.data.token);
  if (!before || ["stopped", "refused"].includes(before.state)) send(instance, large);
}

async function send(instance, file) {
  const { token, ticket, route } = instance.data;
  const transfer = { name: file.name, size: file.size, sent: 0, began: performance.now(), state: "asking" };
  running.set(token, transfer);
  transfer.request = new XMLHttpRequest();
  transfer.redraw = () => show(instance);
  window.addEventListener("beforeunload", askFirst);
  transfer.redraw();
  try {
    await ask(address(route), ticket, file.size);
    if (transfer.state === "stopped") return;
    transfer.state = "sending";
    transfer.redraw();
    await put(transfer, address(route), ticket, file);
    transfer.state = "received";
  } catch (problem) {
    if (transfer.state !== "stopped") {
      transfer.state = "refused";
      transfer.sentence = problem.message;
    }
  } finally {
    if (![...running.values()].some((each) => ["asking", "sending"].includes(each.state))) {
      window.removeEventListener("beforeunload", askFirst);
    }
    transfer.redraw();
  }
}

/** A refusal is heard before the file is on its way; in the middle of it the browser would only see a broken line. */
async function ask(url, ticket, size) {
  let answer;
  try {
    answer = await fetch(url, { method: "POST", headers: { "X-Ticket": ticket, "X-Size": String(size) } });
  } catch {
    throw new Error("The server cannot be reached. Check the connection, then drop the file again.");
  }
  if (!answer.ok) throw new Error(await sentenceOf(answer.text()));
}

function put(transfer, url, ticket, file) {
  return new Promise((done, fail) => {
    const { request } = transfer;
    request.open("PUT", url);
    request.setRequestHeader("X-Ticket", ticket);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => {
      transfer.sent = event.loaded;
      transfer.redraw();
    };
    request.onload = async () => (request.status === 200 ? done() : fail(new Error(await sentenceOf(request.responseText))));
    request.onerror = () => fail(new Error("The connection broke off before all of the file was there. Drop it again."));
    request.onabort = () => fail(new Error("Stopped."));
    request.send(file);
  });
}

async function sentenceOf(text) {
  try {
    return JSON.parse(await text).sentence;
  } catch {
    return "The server did not take the file. Load the page again, then drop the file.";
  }
}

function address(route) {
  const root = window.__streamlit?.BACKEND_BASE_URL ?? new URL(".", document.baseURI).href;
  return new URL(route, root.endsWith("/") ? root : `${root}/`).href;
}

function stop(transfer) {
  transfer.state = "stopped";
  transfer.request.abort();
  transfer.redraw();
}

function askFirst(event) {
  event.preventDefault();
}

function show(instance) {
  const transfer = running.get(instance.data.token);
  const { host } = instance;
  if (transfer) transfer.redraw = () => show(instance);
  host.dataset.state = transfer?.state ?? "idle";
  host.setAttribute("aria-busy", String(transfer?.state === "sending"));
  const around = host.getRootNode().host?.closest("[data-testid=stElementContainer]");
  if (around) around.style.display = transfer ? "" : "none"; // else it would keep a gap between its neighbours
  if (!transfer) return;
  const share = transfer.size ? transfer.sent / transfer.size : 0;
  host.querySelector(".name").textContent = transfer.name;
  host.querySelector(".numbers").textContent = said(transfer, share);
  host.querySelector(".filled").style.width = `${(100 * share).toFixed(1)}%`;
  const bar = host.querySelector("[role=progressbar]");
  bar.setAttribute("aria-valuenow", String(Math.round(100 * share)));
  const button = host.querySelector("button");
  const moving = ["asking", "sending"].includes(transfer.state);
  button.textContent = moving ? "Stop" : "Close";
  button.hidden = transfer.state === "received";
  button.onclick = () => (moving ? stop(transfer) : close(instance));
  if (transfer.state === "received" && !transfer.told) {
    transfer.told = true;
    instance.tell({ token: instance.data.token, name: transfer.name });
  }
}

function close(instance) {
  running.delete(instance.data.token);
  show(instance);
}

function said(transfer, share) {
  if (transfer.state === "refused") return transfer.sentence;
  if (transfer.state === "stopped") return "Stopped. Nothing of the file was kept.";
  if (transfer.state === "received") return `${bytes(transfer.size)} are here.`;
  if (!transfer.sent) return "asking the server …";
  const seconds = (performance.now() - transfer.began) / 1000;
  const rate = transfer.sent / seconds;
  const left = (transfer.size - transfer.sent) / rate;
  const rest = share >= 1 ? "writing the last of it" : seconds < 1 ? "" : `about ${time(left)} left`;
  return [`${bytes(transfer.sent)} of ${bytes(transfer.size)}`, `${bytes(rate)} per second`, rest].filter(Boolean).join(" · ");
}

function bytes(count) {
  const [size, unit] = count >= 1e9 ? [count / 1e9, "GB"] : [count / 1e6, "MB"];
  return `${size >= 100 ? Math.round(size) : size.toFixed(1)} ${unit}`;
}

function time(seconds) {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}
