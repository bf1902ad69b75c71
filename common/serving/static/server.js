/** Requests to the server that the page comes from. */

// What a status means to the user, before the sentence of the server.
const MEANINGS = {
  400: "This input is not accepted",
  401: "A token is needed",
  404: "This version is no longer served; reload the page",
  408: "The upload took too long",
  413: "This is too large",
  429: "The server is busy; try again",
  500: "The server failed",
  503: "The server is not ready; try again",
  504: "The answer took too long",
};

/** A request that the server did not answer. */
export class Refused extends Error {
  constructor(status, text) {
    const meaning = MEANINGS[status];
    super(meaning ? `${meaning}: ${text}` : text);
    this.status = status;
  }
}

/** The token, kept until the tab is closed. */
export const token = {
  get: () => sessionStorage.getItem("token") ?? "",
  set: (text) => sessionStorage.setItem("token", text),
};

/** Returns the JSON at a path; with a body, sends it. */
export async function request(path, body) {
  const headers = {};
  if (token.get()) headers.Authorization = `Bearer ${token.get()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response, text;
  try {
    response = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers,
      body,
    });
    text = await response.text();
  } catch {
    throw new Refused(0, "The server does not answer: is it still running?");
  }
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Refused(0, "The answer of the server cannot be read.");
  }
  if (!response.ok) throw new Refused(response.status, String(answer.error));
  return answer;
}

/**
 * Returns the outputs of a signature by name: those of one row, if it has
 * rows. Inputs that it does not have are left out.
 */
export async function predict(model, name, values) {
  const signature = model.signatures[name];
  const inputs = {};
  let hasRows = false;
  for (const [input, { shape }] of Object.entries(signature.inputs)) {
    const isScalar = shape !== null && shape.length === 0;
    hasRows ||= !isScalar;
    if (input in values) {
      inputs[input] = isScalar ? values[input] : [values[input]];
    }
  }
  const version = `${encodeURIComponent(model.name)}/versions/${model.version}`;
  const body = JSON.stringify({ signature_name: name, inputs });
  let { outputs } = await request(`v1/models/${version}:predict`, body);
  const names = Object.keys(signature.outputs);
  if (names.length === 1) outputs = { [names[0]]: outputs };
  if (!hasRows) return outputs;
  return Object.fromEntries(
    Object.entries(outputs).map(([output, value]) => [
      output,
      Array.isArray(value) ? value[0] : value,
    ]),
  );
}
