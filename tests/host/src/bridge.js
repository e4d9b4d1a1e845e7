// What Tauri puts in front of a page, over HTTP: commands are POST requests; a channel is the rest
// of the answer to the command that it was handed to, a line a message.
(() => {
  const channels = new Map();
  let last = 0;

  function transformCallback(receive, once = false) {
    last += 1;
    const id = last;
    channels.set(id, (message) => {
      if (once) channels.delete(id);
      receive(message);
    });
    return id;
  }

  /** Hands each line that comes to the channel, in order. */
  async function listen(lines, id) {
    let index = 0;
    let rest = "";
    for (let read = await lines.read(); !read.done; read = await lines.read()) {
      const parts = (rest + read.value).split("\n");
      rest = parts.pop();
      for (const part of parts) {
        channels.get(id)?.({ index, message: JSON.parse(part) });
        index += 1;
      }
    }
  }

  /** Requests that are not answered yet: a test that acts beside the page waits for them. */
  window.ferryAsks = 0;

  async function invoke(command, given = {}) {
    window.ferryAsks += 1;
    try {
      return await ask(command, given);
    } finally {
      window.ferryAsks -= 1;
    }
  }

  async function ask(command, given) {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify(given);
    const answer = await fetch(`/host/invoke/${command}`, { method: "POST", headers, body });
    if (answer.headers.get("content-type") === "application/x-ndjson") {
      const channel = Object.values(JSON.parse(body)).find((value) => /^__CHANNEL__:/.test(value));
      const lines = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      // It ends with the host, or when another page listens; then nothing more is told.
      listen(lines, Number(channel.split(":")[1])).catch(() => undefined);
      return null;
    }
    if (answer.ok) return answer.json();
    throw answer.status === 422 ? await answer.json() : await answer.text();
  }

  window.__TAURI_INTERNALS__ = {
    invoke,
    transformCallback,
    unregisterCallback: (id) => channels.delete(id),
  };
  // As `freezePrototype` of the window's configuration does.
  Object.freeze(Object.prototype);
})();
